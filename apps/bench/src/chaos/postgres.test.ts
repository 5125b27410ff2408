import { testUnderFire } from './under-fire.ts';

testUnderFire('postgres', 'our pool under fire on a real PostgreSQL');
