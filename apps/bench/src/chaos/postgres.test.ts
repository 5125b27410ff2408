import { testUnderFire } from './under-fire.ts';

testUnderFire('postgres');
