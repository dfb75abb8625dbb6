import { KafkaError, kafkaCode } from './kafka-error.ts';
import type { Address, Channel, CoordinatorKind, Driver, NodeAddress, TopicPartition } from './port.ts';

interface Seed {
  readonly host: string;
  readonly port: number;
}

/** What one broker leads. */
export interface Share<Item> {
  readonly at: Address;
  readonly own: readonly Item[];
}

/** Who leads which partition and who coordinates what: learnt when it is needed, forgotten when a broker denies it or is silent. */
export class Cluster {
  readonly driver: Driver;
  readonly #seeds: readonly Seed[];
  #nodes = new Map<number, NodeAddress>();
  #controllerId = -1;
  readonly #leaders = new Map<string, readonly number[]>();
  readonly #coordinators = new Map<string, NodeAddress>();

  constructor(driver: Driver, seeds: readonly Seed[]) {
    this.driver = driver;
    this.#seeds = seeds;
  }

  /** The number of partitions of a topic; throws `unknownTopicOrPartition`. */
  async partitionsOf(topic: string): Promise<number> {
    return (await this.#leadersOf(topic)).length;
  }

  async leader({ topic, partition }: TopicPartition, channel: Channel): Promise<Address> {
    const nodeId = (await this.#leadersOf(topic))[partition];
    if (nodeId === undefined)
      throw new KafkaError(kafkaCode.unknownTopicOrPartition, `topic ${topic} has no partition ${partition}`);
    const node = this.#nodes.get(nodeId);
    if (node !== undefined) return { host: node.host, port: node.port, channel };
    this.#leaders.delete(topic);
    throw new KafkaError(kafkaCode.leaderNotAvailable, `${topic}/${partition} has no leader now`);
  }

  /** What goes to each broker, by who leads it. */
  async byLeader<Item extends TopicPartition>(items: readonly Item[], channel: Channel): Promise<Share<Item>[]> {
    const shares = new Map<string, { at: Address; own: Item[] }>();
    for (const item of items) {
      const at = await this.leader(item, channel);
      const share = shares.get(`${at.host}:${at.port}`) ?? { at, own: [] };
      share.own.push(item);
      shares.set(`${at.host}:${at.port}`, share);
    }
    return [...shares.values()];
  }

  async coordinator(kind: CoordinatorKind, key: string, channel: Channel): Promise<Address> {
    const name = `${kind} ${key}`;
    const known = this.#coordinators.get(name) ?? (await this.atAny((at) => this.driver.findCoordinator(at, kind, key)));
    this.#coordinators.set(name, known);
    return { host: known.host, port: known.port, channel };
  }

  async controller(): Promise<Address> {
    await this.#learn([]);
    const node = this.#nodes.get(this.#controllerId);
    if (node === undefined) throw new KafkaError(kafkaCode.notController, 'the cluster has no controller now');
    return { host: node.host, port: node.port, channel: 'ask' };
  }

  /** Runs a request; what it says about who leads what is believed. */
  async following<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    try {
      return await request();
    } catch (thrown) {
      if (thrown instanceof KafkaError) this.forget();
      throw thrown;
    }
  }

  forget(): void {
    this.#leaders.clear();
    this.#coordinators.clear();
  }

  /** Asks any broker: the known ones, then those that the configuration names. */
  async atAny<Answer>(ask: (at: Address) => Promise<Answer>): Promise<Answer> {
    let silence: unknown = null;
    for (const { host, port } of [...this.#nodes.values(), ...this.#seeds]) {
      try {
        return await ask({ host, port, channel: 'ask' });
      } catch (thrown) {
        if (!KafkaError.is(thrown, kafkaCode.noAnswer)) throw thrown;
        silence = thrown;
      }
    }
    throw silence;
  }

  async #leadersOf(topic: string): Promise<readonly number[]> {
    if (!this.#leaders.has(topic)) await this.#learn([topic]);
    const leaders = this.#leaders.get(topic);
    if (leaders === undefined) throw new KafkaError(kafkaCode.unknownTopicOrPartition, `topic ${topic} does not exist`);
    return leaders;
  }

  async #learn(topics: readonly string[]): Promise<void> {
    const facts = await this.atAny((at) => this.driver.metadata(at, topics));
    this.#nodes = new Map(facts.nodes.map((node) => [node.nodeId, node]));
    this.#controllerId = facts.controllerId;
    for (const [topic, partitions] of facts.topics) {
      const leaders: number[] = [];
      for (const { partition, leaderId } of partitions) leaders[partition] = leaderId;
      this.#leaders.set(topic, leaders);
    }
  }
}
