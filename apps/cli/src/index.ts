export { commandReference } from './command-line/command-reference.ts';
export { runCli, type World } from './command-line/run-cli.ts';
export { commands } from './commands.ts';
export { openPlatform, type Platform, type PlatformOptions } from './platform/open-platform.ts';
export { type PlatformEvent, type Said, sentenceOf } from './platform/platform-event.ts';
export { type PlatformRecord, readRecord, readRunningRecord } from './platform/platform-record.ts';
export { type ServiceName, serviceNames } from './platform/service-list.ts';
export { ServiceProcess } from './platform/service-process.ts';
