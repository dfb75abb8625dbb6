/** Of full names, in Avro and Protobuf: a canonical form writes them out at each place that says a part of them. */
export const nameLengthMax = 1_024;
