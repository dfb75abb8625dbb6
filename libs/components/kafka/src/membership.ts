import { messageOf } from '@penstock/kernel';
import { assign, assignorName } from './assignor.ts';
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from './consumer-protocol.ts';
import type { Kafka } from './kafka.ts';
import { KafkaError, kafkaCode, passes } from './kafka-error.ts';
import type { Address, Channel, Joined, Member, TopicPartition } from './port.ts';
import { problemOf, unreachable } from './problems.ts';
import { describeTopics } from './topics.ts';

export interface MembershipOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** A member that was not heard of for so long loses its partitions. */
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Called before partitions may move: the last chance to commit offsets as this generation. */
  beforeRejoin(): Promise<void>;
  /** The partitions that are owned from now on, all of them. */
  assigned(partitions: readonly TopicPartition[]): void;
}

let members = 0;

const rejoinCodes = [kafkaCode.rebalanceInProgress, kafkaCode.illegalGeneration, kafkaCode.unknownMember] as const;

/**
 * One member of a classic consumer group: joins, assigns when it leads, beats, and joins again. Owned partitions are kept over a
 * rebalance until they are known to be somebody else's; safety comes from the fence of the claim, not from here.
 */
export class Membership {
  readonly #kafka: Kafka;
  readonly #options: MembershipOptions;
  readonly #channel: Channel;
  #memberId = '';
  #member: Member | null = null;
  #owned: readonly TopicPartition[] = [];
  #heardAtMs = 0;

  constructor(kafka: Kafka, options: MembershipOptions) {
    members += 1;
    this.#channel = `group:${options.groupId} ${members}`;
    this.#kafka = kafka;
    this.#options = options;
  }

  /** Null while joining. */
  get member(): Member | null {
    return this.#member;
  }

  /** Stays a member until the signal aborts. Throws a Problem when the session was lost: nothing is owned any more then. */
  async run(signal: AbortSignal): Promise<void> {
    this.#heardAtMs = this.#kafka.clock.nowMs();
    try {
      while (!signal.aborted) {
        await this.#once(() => this.#join(), signal);
        while (!signal.aborted && this.#member !== null) await this.#once(() => this.#beat(signal), signal);
      }
    } catch (thrown) {
      this.#own([]);
      this.#member = null;
      throw problemOf(thrown, `group ${this.#options.groupId}`);
    }
  }

  async #leave(): Promise<void> {
    const member = this.#member;
    this.#member = null;
    if (member === null) return;
    try {
      await this.#kafka.driver.leaveGroup(await this.#coordinator(), member);
    } catch (thrown) {
      if (!(thrown instanceof KafkaError)) throw thrown; // the session time-out will see to it
    }
  }

  /** Ends a join that is being waited for. */
  async close(): Promise<void> {
    await this.#leave();
    await this.#kafka.driver.release(this.#channel);
  }

  /** Runs a step; what passes is tried again for as long as the session can still be alive. */
  async #once(step: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, cluster } = this.#kafka;
    try {
      await cluster.following(step);
    } catch (thrown) {
      if (KafkaError.is(thrown, ...rejoinCodes)) return this.#mustRejoin(thrown);
      if (!passes(thrown)) throw thrown;
      if (clock.nowMs() - this.#heardAtMs > this.#options.sessionTimeoutMs) {
        throw unreachable(`kafka › group ${this.#options.groupId}: the session was lost: ${messageOf(thrown)}`, {
          cause: thrown,
        });
      }
      await clock.sleep(Math.min(500, this.#options.heartbeatMs), signal);
    }
  }

  #mustRejoin(reason: KafkaError): void {
    this.#member = null;
    if (reason.code !== kafkaCode.unknownMember) return;
    this.#memberId = '';
    this.#own([]); // the coordinator has given them away
  }

  #own(partitions: readonly TopicPartition[]): void {
    this.#owned = partitions;
    this.#options.assigned(partitions);
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { clock, driver } = this.#kafka;
    await clock.sleep(this.#options.heartbeatMs, signal);
    if (this.#member === null || signal.aborted) return;
    try {
      await driver.heartbeat(await this.#coordinator(), this.#member);
      this.#heardAtMs = clock.nowMs();
    } catch (thrown) {
      if (KafkaError.is(thrown, kafkaCode.rebalanceInProgress)) await this.#options.beforeRejoin();
      throw thrown;
    }
  }

  async #join(): Promise<void> {
    const { clock, driver } = this.#kafka;
    const joined = await this.#askToJoin();
    this.#memberId = joined.memberId;
    const member = { groupId: this.#options.groupId, generationId: joined.generationId, memberId: joined.memberId };
    const assignments = joined.leaderId === joined.memberId ? await this.#assignments(joined) : [];
    const bytes = await driver.syncGroup(await this.#coordinator(), { ...member, protocol: assignorName, assignments });
    this.#heardAtMs = clock.nowMs();
    this.#member = member;
    this.#own(decodeAssignment(bytes));
  }

  async #askToJoin(): Promise<Joined> {
    const { groupId, topics, sessionTimeoutMs } = this.#options;
    const metadata = encodeSubscription({ topics, owned: this.#owned });
    const request = { groupId, protocol: assignorName, metadata, sessionTimeoutMs, rebalanceTimeoutMs: 2 * sessionTimeoutMs };
    const at = await this.#coordinator();
    try {
      return await this.#kafka.driver.joinGroup(at, { ...request, memberId: this.#memberId });
    } catch (thrown) {
      if (!KafkaError.is(thrown, kafkaCode.memberIdRequired) || thrown.memberId === null) throw thrown;
      this.#memberId = thrown.memberId; // KIP-394: a new member is given its id first
      return this.#kafka.driver.joinGroup(at, { ...request, memberId: this.#memberId });
    }
  }

  async #assignments(joined: Joined): Promise<{ memberId: string; assignment: Buffer }[]> {
    const members = new Map(joined.members.map(({ memberId, metadata }) => [memberId, decodeSubscription(metadata)]));
    const topics = [...new Set([...members.values()].flatMap((member) => member.topics))];
    const counts = await describeTopics(this.#kafka, topics);
    const assigned = assign(members, (topic) => counts.get(topic) ?? 0);
    return [...assigned].map(([memberId, partitions]) => ({ memberId, assignment: encodeAssignment(partitions) }));
  }

  #coordinator(): Promise<Address> {
    return this.#kafka.cluster.coordinator('group', this.#options.groupId, this.#channel);
  }
}
