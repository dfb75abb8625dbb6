"""Another team's program: plain gRPC from the published descriptor set, and nothing of Penstock's own code.

Publishes readings, asks the model, subscribes to what came of it, and prints what it saw as one JSON object.
"""

import argparse
import json
import sys
import time


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stubs", required=True, help="folder of the generated code")
    parser.add_argument("--ingest", help="address of the service that takes readings")
    parser.add_argument("--pipeline", default="rooms")
    parser.add_argument("--stage", default="ingest")
    parser.add_argument("--key", default="python/lab", help="building/room of the readings")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--start-ms", type=int, default=int(time.time() * 1000) - 3_600_000)
    parser.add_argument("--model", help="address of the service that scores")
    parser.add_argument("--model-name", default="occupancy")
    parser.add_argument("--dispatch", help="address of the service that streams")
    parser.add_argument("--topic", help="what to subscribe to")
    parser.add_argument("--expect", type=int, default=1, help="records to wait for")
    parser.add_argument("--seconds", type=float, default=30)
    return parser.parse_args()


def publish(grpc, arguments):
    """Half of the readings in one call, half as a stream; every outcome must say where the reading is stored."""
    from penstock.ingest.v1 import ingest_pb2, ingest_pb2_grpc

    building, room = arguments.key.split("/")

    def record(sequence):
        reading = {
            "deviceId": f"{room}-co2",
            "sequence": sequence,
            "observedAtMs": arguments.start_ms + sequence * 15_000,
            "co2Ppm": 420 + sequence,
            "temperatureC": 21.5,
            "humidityPct": 40,
            "lightLux": 300 if sequence % 2 else 310,
        }
        return ingest_pb2.Record(
            json=json.dumps(reading).encode(),
            topic=f"building/{building}/room/{room}/reading",
            headers=[ingest_pb2.Header(name="x-team", value=b"python")],
        )

    half = arguments.count // 2
    stored, refused = [], []

    def note(outcomes):
        for outcome in outcomes:
            kind = outcome.WhichOneof("result")
            if kind == "stored":
                stored.append(outcome.stored.id)
            else:
                refused.append(outcome.refused.code if kind == "refused" else "dropped")

    with grpc.insecure_channel(arguments.ingest) as channel:
        service = ingest_pb2_grpc.IngestServiceStub(channel)
        where = {"pipeline": arguments.pipeline, "stage": arguments.stage}
        batch = [record(sequence) for sequence in range(1, half + 1)]
        note(service.Publish(ingest_pb2.PublishRequest(records=batch, **where), timeout=20).outcomes)
        requests = (
            ingest_pb2.PublishStreamRequest(records=[record(sequence)], **where)
            for sequence in range(half + 1, arguments.count + 1)
        )
        for response in service.PublishStream(requests, timeout=20):
            note(response.outcomes)
        wrong = ingest_pb2.Record(json=b'{"co2Ppm": "much"}', topic=f"building/{building}/room/{room}/reading")
        note(service.Publish(ingest_pb2.PublishRequest(records=[wrong], **where), timeout=20).outcomes)
    return {"stored": stored, "refused": refused}


def ask(grpc, arguments):
    """The Open Inference Protocol, as any of its clients speaks it."""
    from inference import inference_pb2, inference_pb2_grpc

    with grpc.insecure_channel(arguments.model) as channel:
        service = inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        live = service.ServerLive(inference_pb2.ServerLiveRequest(), timeout=10).live
        metadata = service.ModelMetadata(
            inference_pb2.ModelMetadataRequest(name=arguments.model_name), timeout=10
        )
        questions = [[450.0, 21.0, 30.0, 0.0], [1100.0, 23.0, 35.0, 600.0]]
        names = [entry.name for entry in metadata.inputs]
        tensors = [
            inference_pb2.ModelInferRequest.InferInputTensor(
                name=name,
                datatype="FP64",
                shape=[len(questions)],
                contents=inference_pb2.InferTensorContents(fp64_contents=[question[at] for question in questions]),
            )
            for at, name in enumerate(names)
        ]
        request = inference_pb2.ModelInferRequest(model_name=arguments.model_name, inputs=tensors)
        answer = service.ModelInfer(request, timeout=10)
        return {
            "live": live,
            "inputs": names,
            "version": answer.model_version,
            "labels": list(answer.outputs[0].contents.int64_contents),
            "scores": list(answer.outputs[1].contents.fp32_contents),
        }


def subscribe(grpc, arguments):
    """Reads a topic from its beginning until it has seen what it expects, then goes away."""
    from penstock.dispatch.v1 import dispatch_pb2, dispatch_pb2_grpc

    request = dispatch_pb2.SubscribeRequest(
        topic=arguments.topic,
        key_prefix=arguments.key,
        **{"from": dispatch_pb2.SUBSCRIBE_FROM_EARLIEST},
    )
    records, begun = [], None
    with grpc.insecure_channel(arguments.dispatch) as channel:
        stream = dispatch_pb2_grpc.DispatchServiceStub(channel).Subscribe(request, timeout=arguments.seconds)
        for response in stream:
            if response.WhichOneof("item") == "subscribed":
                begun = dict(response.subscribed.offsets)
                continue
            record = response.record
            records.append({"id": record.id, "bytes": len(record.payload), **json.loads(record.json)})
            if len(records) == arguments.expect:
                stream.cancel()
                break
    return {"begun": begun, "records": records}


def refused(grpc, arguments):
    """What a wrong question is answered with: a status, and the details in google.rpc's own words."""
    from penstock.dispatch.v1 import dispatch_pb2, dispatch_pb2_grpc

    with grpc.insecure_channel(arguments.dispatch) as channel:
        service = dispatch_pb2_grpc.DispatchServiceStub(channel)
        try:
            service.GetDeadLetter(dispatch_pb2.GetDeadLetterRequest(id="nonsense"), timeout=10)
        except grpc.RpcError as error:
            details = dict(error.trailing_metadata() or {}).get("grpc-status-details-bin", b"")
            return {"status": error.code().name, "message": error.details(), "reasoned": b"ErrorInfo" in details}
    return None


def main():
    arguments = parse_arguments()
    sys.path.insert(0, arguments.stubs)
    import grpc

    seen = {}
    if arguments.ingest:
        seen["published"] = publish(grpc, arguments)
    if arguments.model:
        seen["asked"] = ask(grpc, arguments)
    if arguments.dispatch:
        seen["subscribed"] = subscribe(grpc, arguments)
        seen["refused"] = refused(grpc, arguments)
    print(json.dumps(seen))


main()
