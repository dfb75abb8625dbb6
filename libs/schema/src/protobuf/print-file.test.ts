import { expect, test } from '@jest/globals';
import { canonicalOf } from '../schema.ts';

const normal = (text: string): string => canonicalOf({ format: 'PROTOBUF', text });

/** What Confluent's registry made of these texts when it normalised them. */
test('a proto3 file is laid out as Confluent normalises it', () => {
  const text = `syntax = "proto3"; package a; import public "google/protobuf/any.proto"; import "google/protobuf/timestamp.proto";
    option java_package = "x"; option deprecated = true;
    message M { option deprecated = true; reserved 22 to 24, 20, "z"; oneof o { string x = 7; Inner y = 6; } map<string, Inner> m = 5;
      string name = 2 [json_name = "nom", deprecated = true]; int32 id = 1;
      message Inner { E e = 1; message Deep {} enum E { option deprecated = true; Z = 0; B = 2; A = 1; } Deep d = 2; } }
    enum Top { reserved 5; T0 = 0; T1 = 1 [deprecated = true]; }
    service S { option deprecated = true; rpc Get(M) returns (stream M); rpc Put(stream M) returns (M) { option deprecated = true; } }`;
  expect(normal(text)).toBe(`syntax = "proto3";
package a;

import "google/protobuf/timestamp.proto";
import public "google/protobuf/any.proto";

option deprecated = true;
option java_package = "x";

message M {
  reserved 20;
  reserved 22 to 24;
  reserved "z";

  option deprecated = true;

  int32 id = 1;
  string name = 2 [
    deprecated = true,
    json_name = "nom"
  ];
  map<string, .a.M.Inner> m = 5;

  oneof o {
    .a.M.Inner y = 6;
    string x = 7;
  }

  message Inner {
    .a.M.Inner.E e = 1;
    .a.M.Inner.Deep d = 2;
  
    message Deep {}
    enum E {
      option deprecated = true;
      Z = 0;
      A = 1;
      B = 2;
    }
  }
}
enum Top {
  reserved 5;
  T0 = 0;
  T1 = 1 [deprecated = true];
}

service S {
  option deprecated = true;

  rpc Get (.a.M) returns (stream .a.M);
  rpc Put (stream .a.M) returns (.a.M) {
    option deprecated = true;
  };
}
`);
  expect(normal(normal(text))).toBe(normal(text));
});

test('a proto2 file does not say its syntax', () => {
  const text = `syntax = "proto2"; package p; message A { optional int32 i = 2 [deprecated = true, default = 5]; extensions 100 to 199; }
    extend A { optional string two = 101; } extend A { optional string one = 100; }`;
  expect(normal(text)).toBe(`package p;

message A {
  optional int32 i = 2 [
    default = 5,
    deprecated = true
  ];

  extensions 100 to 199;
}

extend .p.A {
  optional string one = 100;
  optional string two = 101;
}
`);
});

test('options that are messages are laid out line by line', () => {
  const text = `syntax = "proto3"; import "confluent/meta.proto"; message M { option (confluent.message_meta).doc = "d";
    int32 i = 2 [(confluent.field_meta) = { tags: "A", tags: "B", params: [{key: "k", value: "v"}] }, deprecated = true];
    string s = 1 [(confluent.field_meta).tags = "PII", (confluent.field_meta).doc = "x"]; }`;
  expect(normal(text)).toBe(`syntax = "proto3";

import "confluent/meta.proto";

message M {
  option (confluent.message_meta) = {
    doc: "d"
  };

  string s = 1 [(confluent.field_meta) = {
    doc: "x",
    tags: "PII"
  }];
  int32 i = 2 [
    (confluent.field_meta) = {
      params: {
        key: "k",
        value: "v"
      },
      tags: [
        "A",
        "B"
      ]
    },
    deprecated = true
  ];
}
`);
  expect(normal(normal(text))).toBe(normal(text));
});
