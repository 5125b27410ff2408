import { testUnderFire } from './under-fire.ts';

testUnderFire('mariadb', 'our pool under fire on a real MariaDB');
