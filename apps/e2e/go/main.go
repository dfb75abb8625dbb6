// Another team's program: a client of a schema registry for Go, and nothing of Penstock's code.
//
// Registers, asks, checks and deletes; writes one record in Avro, reads the record that it is given, and prints what it saw.
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"
)

const text = `{"type":"record","name":"Reading","namespace":"rooms","fields":[` +
	`{"name":"deviceId","type":"string"},{"name":"sequence","type":"long"},` +
	`{"name":"co2Ppm","type":["null","double"],"default":null}]}`

// Reading is what the records hold.
type Reading struct {
	DeviceID string   `avro:"deviceId" json:"deviceId"`
	Sequence int64    `avro:"sequence" json:"sequence"`
	Co2Ppm   *float64 `avro:"co2Ppm" json:"co2Ppm"`
}

// Check is one thing that was tried. Why is empty when it went well.
type Check struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

var checks []Check

func check(what string, try func() error) {
	why := ""
	if err := try(); err != nil {
		why = err.Error()
	}
	checks = append(checks, Check{what, why})
}

func want(ok bool, got any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("unexpected: %v", got)
}

func main() {
	url := flag.String("url", "", "address of the registry")
	topic := flag.String("topic", "", "prefix of subjects")
	given := flag.String("read", "", "a record of others, as hexadecimal bytes")
	flag.Parse()
	client, err := sr.NewClient(sr.URLs(*url))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx := context.Background()
	written, read := records(ctx, client, *topic+"-value", *given)
	ask(ctx, client, *topic+"-asked")
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"checks": checks, "written": written, "read": read})
}

func records(ctx context.Context, client *sr.Client, subject, given string) (string, *Reading) {
	var written string
	var read *Reading
	schema := avro.MustParse(text)
	serde := sr.NewSerde()
	check("the serde writes a record in Avro", func() error {
		registered, err := client.CreateSchema(ctx, subject, sr.Schema{Schema: text, Type: sr.TypeAvro})
		if err != nil {
			return err
		}
		serde.Register(registered.ID, Reading{},
			sr.EncodeFn(func(v any) ([]byte, error) { return avro.Marshal(schema, v) }),
			sr.DecodeFn(func(b []byte, v any) error { return avro.Unmarshal(schema, b, v) }))
		co2 := 415.25
		bytes, err := serde.Encode(Reading{"co2-7", 9007199254740, &co2})
		written = hex.EncodeToString(bytes)
		return err
	})
	if given == "" {
		return written, nil
	}
	check("the serde reads a record of ours", func() error {
		bytes, err := hex.DecodeString(given)
		if err != nil {
			return err
		}
		read = &Reading{}
		return serde.Decode(bytes, read)
	})
	return written, read
}

func ask(ctx context.Context, client *sr.Client, subject string) {
	schema := sr.Schema{Schema: text, Type: sr.TypeAvro}
	wider := sr.Schema{Schema: `{"type":"record","name":"Reading","namespace":"rooms","fields":[{"name":"deviceId","type":"int"}]}`}
	var first sr.SubjectSchema
	check("register, again, look up", func() (err error) {
		if first, err = client.CreateSchema(ctx, subject, schema); err != nil {
			return err
		}
		again, err := client.CreateSchema(ctx, subject, schema)
		if err != nil {
			return err
		}
		found, err := client.LookupSchema(ctx, subject, schema)
		if err != nil {
			return err
		}
		return want(first.ID == again.ID && found.ID == first.ID && found.Version == 1, found)
	})
	check("by id, by version, the text alone", func() error {
		byID, err := client.SchemaByID(ctx, first.ID)
		if err != nil {
			return err
		}
		byVersion, err := client.SchemaByVersion(ctx, subject, -1)
		if err != nil {
			return err
		}
		alone, err := client.SchemaTextByVersion(ctx, subject, 1)
		if err != nil {
			return err
		}
		return want(byID.Schema == byVersion.Schema.Schema && alone == byID.Schema, alone)
	})
	check("subjects, versions, types, contexts", func() error {
		subjects, err := client.SubjectsByID(ctx, first.ID)
		if err != nil {
			return err
		}
		versions, err := client.SchemaVersionsByID(ctx, first.ID)
		if err != nil {
			return err
		}
		types, err := client.SupportedTypes(ctx)
		if err != nil {
			return err
		}
		contexts, err := client.Contexts(ctx)
		if err != nil {
			return err
		}
		return want(len(subjects) > 0 && len(versions) > 0 && len(types) == 3 && len(contexts) > 0, subjects)
	})
	check("a GUID leads to the schema and its ids", func() error {
		if first.GUID == "" {
			return errors.New("registering answered no GUID")
		}
		found, err := client.SchemaByGUID(ctx, first.GUID)
		if err != nil {
			return err
		}
		ids, err := client.SchemaIDsByGUID(ctx, first.GUID)
		if err != nil {
			return err
		}
		return want(found.Schema.Schema != "" && len(ids) == 1 && ids[0].ID == first.ID, ids)
	})
	check("what does not go together is refused with 409 and reasons", func() error {
		verdict, err := client.CheckCompatibility(sr.WithParams(ctx, sr.Verbose), subject, -1, wider)
		if err != nil {
			return err
		}
		if verdict.Is || len(verdict.Messages) == 0 {
			return fmt.Errorf("judged as %v", verdict)
		}
		_, err = client.CreateSchema(ctx, subject, wider)
		var refused *sr.ResponseError
		return want(errors.As(err, &refused) && refused.StatusCode == 409 && refused.ErrorCode == 409, err)
	})
	check("references", func() error {
		outer := sr.Schema{
			Schema:     `{"type":"record","name":"Outer","fields":[{"name":"reading","type":"rooms.Reading"}]}`,
			References: []sr.SchemaReference{{Name: "rooms.Reading", Subject: subject, Version: 1}},
		}
		if _, err := client.CreateSchema(ctx, subject+"-outer", outer); err != nil {
			return err
		}
		referring, err := client.SchemaReferences(ctx, subject, 1)
		if err != nil {
			return err
		}
		return want(len(referring) == 1 && referring[0].Subject == subject+"-outer", referring)
	})
	check("levels of one and of all", func() error {
		set := client.SetCompatibility(ctx, sr.SetCompatibility{Level: sr.CompatFull}, subject)
		if err := set[0].Err; err != nil {
			return err
		}
		got := client.Compatibility(ctx, subject)
		reset := client.ResetCompatibility(ctx, subject)
		all := client.Compatibility(ctx)
		return want(got[0].Level == sr.CompatFull && reset[0].Err == nil && all[0].Err == nil, got)
	})
	check("modes", func() error {
		set := client.SetMode(ctx, sr.ModeReadOnly, subject)
		if err := set[0].Err; err != nil {
			return err
		}
		got := client.Mode(ctx, subject)
		reset := client.ResetMode(ctx, subject)
		return want(got[0].Mode == sr.ModeReadOnly && reset[0].Err == nil, got)
	})
	check("metadata and rule sets come back as they were given", func() error {
		contract := schema
		contract.SchemaMetadata = &sr.SchemaMetadata{Properties: map[string]string{"owner": "lab"}, Tags: map[string][]string{"rooms.Reading.deviceId": {"PII"}}}
		contract.SchemaRuleSet = &sr.SchemaRuleSet{DomainRules: []sr.SchemaRule{
			{Name: "positive", Kind: sr.SchemaRuleKindCondition, Mode: sr.SchemaRuleModeWrite, Type: "CEL", Expr: "message.sequence > 0"}}}
		stored, err := client.CreateSchema(ctx, subject+"-contract", contract)
		if err != nil {
			return err
		}
		return want(stored.SchemaMetadata != nil && stored.SchemaMetadata.Properties["owner"] == "lab" &&
			stored.SchemaRuleSet != nil && len(stored.SchemaRuleSet.DomainRules) == 1 && stored.SchemaRuleSet.DomainRules[0].Expr == "message.sequence > 0", stored)
	})
	check("deletes softly, then for good, and not what others refer to", func() error {
		var held, gone *sr.ResponseError
		if err := client.DeleteSchema(ctx, subject, 1, sr.SoftDelete); !errors.As(err, &held) || held.ErrorCode != 42206 {
			return fmt.Errorf("unexpected: %v", err)
		}
		for _, how := range []sr.DeleteHow{sr.SoftDelete, sr.HardDelete} {
			if _, err := client.DeleteSubject(ctx, subject+"-outer", how); err != nil {
				return err
			}
		}
		for _, how := range []sr.DeleteHow{sr.SoftDelete, sr.HardDelete} {
			if err := client.DeleteSchema(ctx, subject, 1, how); err != nil {
				return err
			}
		}
		_, err := client.SubjectVersions(ctx, subject)
		return want(errors.As(err, &gone) && gone.ErrorCode == 40401, err)
	})
}
