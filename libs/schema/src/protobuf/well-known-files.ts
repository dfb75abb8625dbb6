import type { DescFile } from '@bufbuild/protobuf';
import {
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
} from '@bufbuild/protobuf/wkt';

const files: readonly DescFile[] = [
  ...[file_google_protobuf_any, file_google_protobuf_api, file_google_protobuf_descriptor, file_google_protobuf_duration],
  ...[file_google_protobuf_empty, file_google_protobuf_field_mask, file_google_protobuf_source_context],
  ...[file_google_protobuf_struct, file_google_protobuf_timestamp, file_google_protobuf_type, file_google_protobuf_wrappers],
];

/** The files that every Protobuf compiler brings along, by the name under which they are imported. */
export const wellKnownFiles: ReadonlyMap<string, DescFile> = new Map(files.map((file) => [`${file.name}.proto`, file]));
