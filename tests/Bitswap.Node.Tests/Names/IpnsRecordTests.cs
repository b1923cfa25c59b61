using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Names;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Names;

public sealed class IpnsRecordTests
{
    private static readonly PrivateKey _key = NameRecords.Key(1);

    // specs.ipfs.tech/ipns/ipns-record, "Test Vectors": the name, the record, and its value where it is valid.
    public static TheoryData<string, string, string?> Vectors => new()
    {
        {
            "k51qzi5uqu5dm4tm0wt8srkg9h9suud4wuiwjimndrkydqm81cqtlb5ak6p7ku",
            "CiQvaXBmcy9iYWZrcWFkdHdnZXd3NjN0bXBlcWhlemxkbjV6Z2kSQEedeyjkXQBKsjSpBHyB4WYPVA08/XHiF0otM9qhLtisJiyMfGugifOkdR/TsGt758s6VBgUerTul2quBszrWAcYACIbMjEyMy0wOC"
                + "0xNFQxMjoxNzowMy42OTQwNTJaKAAwgKDxwrE0",
            null
        },
        {
            "k51qzi5uqu5dlkw8pxuw9qmqayfdeh4kfebhmreauqdc6a7c3y7d5i9fi8mk9w",
            "CiEvaXBmcy9iYWZrcWFkZHdnZXZ4bW1yYW9qc3dnMzNzbXESQKVBIW5AlouMwTkDk422cy5V72gCzuZl1kXeBsRUqu/PBlR1C8hOm0ElCzXk1B2lOcWlQn/DDgjclKS9yoAD+A4YACIbMjEyMy0wOC0xNF"
                + "QxMjoxNzowMy42OTQwNTJaKAAwgKDxwrE0QkBKUbhkQ4lL69MhRgLsLDYnDkzQUIpmbfo1VmDE+ouikK595E12q1LEc585fnFBl05qQaA5gBJgz9PAWwBqSiUNSnWlY1RUTBsAAAGjGFxQAGVWYWx1"
                + "ZVghL2lwZnMvYmFma3FhZGR3Z2V2eG1tcmFvanN3ZzMzc21xaFNlcXVlbmNlAGhWYWxpZGl0eVgbMjEyMy0wOC0xNFQxMjoxNzowMy42OTQwNTJabFZhbGlkaXR5VHlwZQA=",
            "/ipfs/bafkqaddwgevxmmraojswg33smq"
        },
        {
            "k51qzi5uqu5dlmit2tuwdvnx4sbnyqgmvbxftl0eo3f33wwtb9gr7yozae9kpw",
            "CjYvaXBmcy9iYWZrcWFnbHVtdnp4aTJsb200cWdleWxlZWJ1eGEzdHRlYnpna3kzcG9qc2hnY3ESQE5taz3vFU7cTf9hDAOApkMyWDc4w1nSfrC4qITpk9sInaYHbzEPiZUkcB2oWaNN5KvylXYVmxJC2v"
                + "cUQyF5Zg4YACIbMjEyMy0wOC0xNFQxMjoxNzowMy42OTQwNTJaKAAwgKDxwrE0QkBKnsu1f2ZA7v+BSXyxrVDYn0fn5RYCVmO+9gRgL4a26b88KvjUOkq6ZawaGybWDcL4UWMFXkfyBtZWBnt9G7cE"
                + "SpIBpWNUVEwbAAABoxhcUABlVmFsdWVYPi9pcGZzL2JhZmtxYWh0d2dldnhtbXJhb2pzd2czM3NtcXFobzJsdW5hcWdlNHRwbm5zdzRpZHdtZndoa3ppaFNlcXVlbmNlAGhWYWxpZGl0eVgbMjEyMy"
                + "0wOC0xNFQxMjoxNzowMy42OTQwNTJabFZhbGlkaXR5VHlwZQA=",
            null
        },
        {
            "k51qzi5uqu5diamp7qnnvs1p1gzmku3eijkeijs3418j23j077zrkok63xdm8c",
            "Cj4vaXBmcy9iYWZrcWFodHdnZXZ4bW1yYW81dXhpMmJhbWp6ZzYyM2ZueXFoZzJsaG56cXhpNWxzbXVxaG1tcRJAjeL4ntt0Kd9X5BfMb++Z7bEZ+L8j7WOJaj+QQiozOFuYgAqzqC9w2nBK2vbqHnAfH+"
                + "NP9Q/Ileo6ZHXiHEGeARgAIhsyMTIzLTA4LTE0VDEyOjE3OjAzLjY5NDA1MlooADCAoPHCsTRCDWludmFsaWQgc3R1ZmZKkgGlY1RUTBsAAAGjGFxQAGVWYWx1ZVg+L2lwZnMvYmFma3FhaHR3Z2V2"
                + "eG1tcmFvNXV4aTJiYW1qemc2MjNmbnlxaGcybGhuenF4aTVsc211cWhtbXFoU2VxdWVuY2UAaFZhbGlkaXR5WBsyMTIzLTA4LTE0VDEyOjE3OjAzLjY5NDA1MlpsVmFsaWRpdHlUeXBlAA==",
            null
        },
        {
            "k51qzi5uqu5dilgf7gorsh9vcqqq4myo6jd4zmqkuy9pxyxi5fua3uf7axph4y",
            "Cj4vaXBmcy9iYWZrcWFodHdnZXZ4bW1yYW81dXhpMmJhbWp6ZzYyM2ZueXFoZzJsaG56cXhpNWxzbXVxaG1taRINaW52YWxpZCBzdHVmZhgAIhsyMTIzLTA4LTE0VDEyOjE3OjAzLjY5NDA1MlooADCAoP"
                + "HCsTRCQDLFjmqubpaOcNifMaGgsU4Y4TI9ntYayJtdlEdheA53tItrCas+sbT2FGBrVVN7WKWsZ0MoMtVkmY2EfQcctQdKkgGlY1RUTBsAAAGjGFxQAGVWYWx1ZVg+L2lwZnMvYmFma3FhaHR3Z2V2"
                + "eG1tcmFvNXV4aTJiYW1qemc2MjNmbnlxaGcybGhuenF4aTVsc211cWhtbWloU2VxdWVuY2UAaFZhbGlkaXR5WBsyMTIzLTA4LTE0VDEyOjE3OjAzLjY5NDA1MlpsVmFsaWRpdHlUeXBlAA==",
            "/ipfs/bafkqahtwgevxmmrao5uxi2bamjzg623fnyqhg2lhnzqxi5lsmuqhmmi"
        },
        {
            "k51qzi5uqu5dit2ku9mutlfgwyz8u730on38kd10m97m36bjt66my99hb6103f",
            "QkBqdphYXisXBwnUlH4UixixINdttDUV7azykN+Wtx4pwMpaFlECVoFPglVTLsRUmt4m9MqDNfTEHiz//rG6CqUBSnilY1RUTBsAAAGjGFxQAGVWYWx1ZVgkL2lwZnMvYmFma3FhZHR3Z2l3dzYzdG1wZX"
                + "FoZXpsZG41emdpaFNlcXVlbmNlAGhWYWxpZGl0eVgbMjEyMy0wOC0xNFQxMjoxNzowMy42OTQwNTJabFZhbGlkaXR5VHlwZQA=",
            "/ipfs/bafkqadtwgiww63tmpeqhezldn5zgi"
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_records_of_the_specification_are_valid_or_not_as_it_says(string name, string record, string? value)
    {
        PeerId id = PeerId.Parse(name);
        Assert.Equal(name, IpnsName.TextOf(id));
        if (value is null)
        {
            Refused(() => IpnsRecord.Decode(Convert.FromBase64String(record), id), "");
            return;
        }

        IpnsRecord read = IpnsRecord.Decode(Convert.FromBase64String(record), id);
        Assert.Equal((value, 0UL, "2123-08-14T12:17:03.694052000Z"), (read.Value, read.Sequence, read.Validity.ToString()));
        Assert.Equal(TimeSpan.FromMinutes(30), read.Ttl);
        Assert.False(read.IsExpiredAt(NameRecords.Until));
        Assert.True(read.IsExpiredAt(new DateTimeOffset(2123, 8, 14, 12, 17, 4, TimeSpan.Zero)));
    }

    [Fact]
    public void A_record_that_is_made_is_read_again_and_is_what_the_specification_describes()
    {
        IpnsRecord made = NameRecords.Of(_key, "/ipfs/bafkqaaa", 42, ttl: TimeSpan.FromSeconds(7));
        IpnsRecord read = IpnsRecord.Decode(made.Bytes, _key.PeerId);

        Assert.Equal((made.Value, made.Sequence, made.Validity, made.Ttl), (read.Value, read.Sequence, read.Validity, read.Ttl));
        Assert.Equal(("/ipfs/bafkqaaa", 42UL, TimeSpan.FromSeconds(7)), (read.Value, read.Sequence, read.Ttl!.Value));

        // The keys in order, and nothing of version 1.
        byte[] data =
        [
            0xa5, 0x63, .. "TTL"u8, 0x1b, 0, 0, 0, 1, 0xa1, 0x3b, 0x86, 0x00, 0x65, .. "Value"u8, 0x4e, .. "/ipfs/bafkqaaa"u8, 0x68, .. "Sequence"u8, 0x18, 42,
            0x68, .. "Validity"u8, 0x58, 30, .. "2030-01-02T03:04:05.000000000Z"u8, 0x6c, .. "ValidityType"u8, 0,
        ];
        Assert.Equal(NameRecords.Signed(data, message => _key.Sign(message)), made.Bytes.ToArray());
    }

    [Fact]
    public void A_key_that_no_name_holds_is_in_the_record_and_must_be_the_names()
    {
        using RSA rsa = RSA.Create(2048);
        byte[] data = NameRecords.Data().Write();
        byte[] encoded = RsaKey(rsa);
        PeerId name = PeerId.FromPublicKey(encoded);
        byte[] record = NameRecords.Signed(data, message => rsa.SignData(message, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        byte[] withKey = [.. record, .. NameRecords.Field(NameRecords.PublicKeyField, encoded)];

        Assert.Equal("/ipfs/bafkqaaa", IpnsRecord.Decode(withKey, name).Value);
        Refused(() => IpnsRecord.Decode(record, name), "neither it nor the name holds the key");
        Refused(() => IpnsRecord.Decode(withKey, _key.PeerId), $"it holds the key of {IpnsName.TextOf(name)}");
        byte[] withNoKey = [.. record, .. NameRecords.Field(NameRecords.PublicKeyField, [8, 1])];
        Refused(() => IpnsRecord.Decode(withNoKey, name), "the key cannot be used");
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "unsigned", "no signature" },
        { "empty data", "no signature" },
        { "signed by another", "signature is not that" },
        { "signed without the prefix", "signature is not that" },
        { "data changed", "signature is not that" },
        { "no protobuf", "no protobuf" },
        { "cut", "no protobuf" },
        { "too large", $"{IpnsRecord.MaxSize} are allowed" },
        { "list", "cannot be read" },
        { "no value", "its Value is missing" },
        { "no validity", "its Validity is missing" },
        { "no type", "its ValidityType is missing" },
        { "no sequence", "its Sequence is missing" },
        { "other type", "of the type 1" },
        { "no time", "is no time" },
        { "no text", "is no text" },
        { "v1 value", "version 1" },
        { "v1 validity", "version 1" },
        { "v1 type", "version 1" },
        { "v1 sequence", "version 1" },
        { "v1 ttl", "version 1" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void What_is_not_as_it_should_be_is_refused(string mistake, string reason)
    {
        byte[] data = NameRecords.Data().Write();
        byte[] record = NameRecords.Signed(data, message => _key.Sign(message));
        byte[] bad = mistake switch
        {
            "unsigned" => NameRecords.Field(NameRecords.DataField, data),
            "empty data" => NameRecords.Signed([], message => _key.Sign(message)),
            "signed by another" => NameRecords.Signed(data, message => NameRecords.Key(2).Sign(message)),
            "signed without the prefix" => NameRecords.Signed(data, message => _key.Sign(message.AsSpan("ipns-signature:".Length))),
            "data changed" => [.. record, .. NameRecords.Field(NameRecords.DataField, NameRecords.Data(sequence: 4).Write())],
            "no protobuf" => "<html>"u8.ToArray(),
            "cut" => record[..^1],
            "too large" => [.. record, .. NameRecords.Field(15, new byte[IpnsRecord.MaxSize + 1 - record.Length - 3])],
            "list" => Sign([0x80]),
            "no value" => Sign(new Bitswap.Dag.Links.DagCborMap().Add("Validity", "x"u8.ToArray()).Write()),
            "no validity" => Sign(NameRecords.Data().Add("Validity", 1).Write()),
            "no type" => Sign(NameRecords.Data().Add("ValidityType", "0"u8.ToArray()).Write()),
            "no sequence" => Sign(NameRecords.Data().Add("Sequence", "0"u8.ToArray()).Write()),
            "other type" => Sign(NameRecords.Data().Add("ValidityType", 1).Write()),
            "no time" => Sign(NameRecords.Data(validity: "tomorrow").Write()),
            "no text" => Sign(NameRecords.Data().Add("Value", new byte[] { 0xff }).Write()),
            _ => [.. record, .. Version1(mistake)],
        };
        Refused(() => IpnsRecord.Decode(bad, _key.PeerId), reason);
    }

    [Fact]
    public void Fields_of_version_1_that_are_those_signed_do_no_harm_and_what_is_unknown_is_skipped()
    {
        byte[] record =
        [
            .. NameRecords.Signed(NameRecords.Data().Write(), message => _key.Sign(message)), .. Version1(""), .. NameRecords.Field(2, [1, 2, 3]), .. NameRecords.Field(10, 9),
        ];
        Assert.Equal(3UL, IpnsRecord.Decode(record, _key.PeerId).Sequence);
    }

    [Fact]
    public void The_largest_record_is_taken()
    {
        byte[] record = NameRecords.Signed(NameRecords.Data().Write(), message => _key.Sign(message));
        byte[] largest = [.. record, .. NameRecords.Field(15, new byte[IpnsRecord.MaxSize - record.Length - 3])];
        Assert.Equal(IpnsRecord.MaxSize, largest.Length);
        Assert.Equal(3UL, IpnsRecord.Decode(largest, _key.PeerId).Sequence);
        Refused(() => NameRecords.Of(_key, "/ipfs/" + new string('a', IpnsRecord.MaxSize)), "would have");
    }

    [Fact]
    public void The_later_record_holds()
    {
        IpnsRecord[] inOrder =
        [
            NameRecords.Of(_key, "/ipfs/bafkqaaa", 1, NameRecords.Until.AddDays(9)),
            NameRecords.Of(_key, "/ipfs/bafkqaaa", 2, NameRecords.Until),
            NameRecords.Of(_key, "/ipfs/bafkqaaa", 2, NameRecords.Until.AddTicks(1)),
            IpnsRecord.Decode(Sign(NameRecords.Data(validity: "2030-01-02T03:04:05.000000101Z", sequence: 2).Write()), _key.PeerId),
            NameRecords.Of(_key, "/ipfs/bafkqaaa", 10),
        ];
        Assert.Equal(inOrder, inOrder.Reverse().Order());
        IpnsRecord same = NameRecords.Of(_key, "/ipfs/bafkqaab", 10);
        Assert.NotEqual(0, same.CompareTo(inOrder[^1]));
        Assert.Equal(same.CompareTo(inOrder[^1]), -inOrder[^1].CompareTo(same));
    }

    [Theory]
    [InlineData("1970-01-01T00:00:00.000000001Z", "1970-01-01T00:00:00.000000001Z")]
    [InlineData("2030-01-02T03:04:05Z", "2030-01-02T03:04:05.000000000Z")]
    [InlineData("2030-01-02T03:04:05.1Z", "2030-01-02T03:04:05.100000000Z")]
    [InlineData("2030-01-02T03:04:05.1234567891Z", "2030-01-02T03:04:05.123456789Z")]
    [InlineData("2030-01-02T03:04:05+02:30", "2030-01-02T00:34:05.000000000Z")]
    [InlineData("2030-01-02T03:04:05.5-23:59", "2030-01-03T03:03:05.500000000Z")]
    [InlineData("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z")]
    [InlineData("2030-01-02T03:04:05", null)]
    [InlineData("2030-01-02 03:04:05Z", null)]
    [InlineData("2030-01-02T03:04:05.Z", null)]
    [InlineData("2030-01-02T03:04:05z", null)]
    [InlineData("2030-01-02T03:04:60Z", null)]
    [InlineData("2030-02-30T03:04:05Z", null)]
    [InlineData("2030-01-02T03:04:05+24:00", null)]
    [InlineData("2030-01-02T03:04:05+0200", null)]
    [InlineData("2030-01-02T03:04:05+ 2:00", null)]
    [InlineData("2030-01-02T03:04:05ZZ", null)]
    [InlineData("9999-12-31T23:59:59-00:01", null)]
    [InlineData("0001-01-01T00:00:00+00:01", null)]
    [InlineData("", null)]
    public void Times_are_read_as_RFC_3339_has_them(string text, string? time)
    {
        Assert.Equal(time is not null, IpnsTime.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out IpnsTime read));
        Assert.Equal(time, time is null ? null : read.ToString());
    }

    [Fact]
    public void A_record_holds_up_to_its_last_moment()
    {
        IpnsRecord record = NameRecords.Of(_key, "/ipfs/bafkqaaa");
        Assert.False(record.IsExpiredAt(NameRecords.Until));
        Assert.True(record.IsExpiredAt(NameRecords.Until.AddTicks(1)));
    }

    private static byte[] Sign(byte[] data) => NameRecords.Signed(data, message => _key.Sign(message));

    // what a writer of version 1 adds, with one field that is not what is signed
    private static byte[] Version1(string mistake) =>
    [
        .. NameRecords.Field(1, mistake == "v1 value" ? "/ipfs/bafkqaab"u8 : "/ipfs/bafkqaaa"u8),
        .. NameRecords.Field(3, mistake == "v1 type" ? 1UL : 0),
        .. NameRecords.Field(4, System.Text.Encoding.ASCII.GetBytes(mistake == "v1 validity" ? "2031-01-02T03:04:05.000000000Z" : NameRecords.Validity)),
        .. NameRecords.Field(5, mistake == "v1 sequence" ? 4UL : 3),
        .. NameRecords.Field(6, mistake == "v1 ttl" ? 1UL : 300_000_000_000),
    ];

    private static byte[] RsaKey(RSA rsa)
    {
        byte[] info = rsa.ExportSubjectPublicKeyInfo();
        byte[] length = new byte[Varint.Length((ulong)info.Length)];
        Varint.Write(length, (ulong)info.Length);
        return [8, 0, 18, .. length, .. info];
    }

    private static void Refused(Func<object> call, string reason)
    {
        BitswapException error = Assert.Throws<BitswapException>(call);
        Assert.Equal("InvalidNameRecord", error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
