import { describeFollowing } from './following.ts';
import type { DriverName } from './ground.ts';
import { describeRecords } from './records.ts';
import { describeSource } from './source.ts';
import { describeTransactions } from './transactions.ts';

/** What every driver must do on a real broker. */
export function describeDriver(driver: DriverName): void {
  describeRecords(driver);
  describeTransactions(driver);
  describeSource(driver);
  describeFollowing(driver);
}
