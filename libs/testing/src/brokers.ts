/** The brokers that the test runner started for this run: `host:port` of Kafka, URLs of the others. */
export interface BrokerAddresses {
  readonly kafka: string;
  readonly mosquitto: string;
  readonly redis: string;
  readonly postgres: string;
}

/** The variable in which the test runner hands the addresses to the tests, as JSON. */
const variable = 'PENSTOCK_TEST_BROKERS';

/** The real brokers of this test run. All tests share them: name topics and tables by `randomName`. */
export function brokers(): BrokerAddresses {
  const addresses = process.env[variable];
  if (!addresses) {
    throw new Error(`${variable} is not set, so no brokers run for this test: run it as \`npm test -- <part of its path>\``);
  }
  return JSON.parse(addresses) as BrokerAddresses;
}
