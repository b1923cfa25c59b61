using System.Text;
using Bitswap.Libp2p.Protocols.Mdns;

namespace Bitswap.Libp2p.Tests.Protocols.Mdns;

/// <summary>Messages of DNS as bytes.</summary>
public sealed class DnsMessageTests
{
    // what multicast-dns of npm sends to find all peers
    private const string Question = "000000000001000000000000045f703270045f756470056c6f63616c00000c0001";

    [Fact]
    public void The_question_who_is_there_is_that_of_the_specification()
    {
        byte[] question = new MdnsRecords("_p2p._udp.local", "me", TimeSpan.FromMinutes(2)).Question;

        Assert.Equal(Question, Convert.ToHexStringLower(question));
    }

    [Fact]
    public void What_is_written_is_read()
    {
        DnsMessage message = new(
            true,
            [],
            [new DnsRecord("_p2p._udp.local", DnsType.Ptr, 120) { Target = "me._p2p._udp.local" }],
            [
                new DnsRecord("me._p2p._udp.local", DnsType.Txt, 120) { Texts = ["dnsaddr=/a", "dnsaddr=/b"], IsUnique = true },
                new DnsRecord("me._p2p._udp.local", DnsType.Srv, 120) { Port = 4001, Target = "me.p2p.local", IsUnique = true },
                new DnsRecord("me.p2p.local", DnsType.A, 120) { Address = [192, 0, 2, 1], IsUnique = true },
                new DnsRecord("me.p2p.local", DnsType.Aaaa, uint.MaxValue) { Address = new byte[16] },
            ]);

        byte[] bytes = DnsWriter.Write(message);

        Assert.Null(DnsReader.TryRead(bytes, out DnsMessage? read));
        Assert.True(read!.IsResponse);
        Assert.Equal("me._p2p._udp.local", Assert.Single(read.Answers).Target);
        Assert.Equal(["dnsaddr=/a", "dnsaddr=/b"], read.Additionals[0].Texts);
        Assert.True(read.Additionals[0].IsUnique);
        Assert.Equal((4001, "me.p2p.local"), (read.Additionals[1].Port, read.Additionals[1].Target));
        Assert.Equal([192, 0, 2, 1], read.Additionals[2].Address);
        Assert.Equal((uint.MaxValue, false), (read.Additionals[3].Seconds, read.Additionals[3].IsUnique));

        // the service's name is there once, and three times as a pointer to it
        Assert.Equal(1, Count(bytes, "_udp"));
    }

    [Fact]
    public void A_message_that_is_cut_off_is_refused_wherever_it_ends()
    {
        byte[] whole = new MdnsRecords("_p2p._udp.local", "me", TimeSpan.FromMinutes(2)).Presence([Multiaddr.Parse("/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA")]);
        Assert.Null(DnsReader.TryRead(whole, out _));

        Assert.All(Enumerable.Range(0, whole.Length), length => Assert.NotNull(DnsReader.TryRead(whole.AsSpan(0, length), out _)));
    }

    [Theory]
    [InlineData("c00c", "a pointer to itself")]
    [InlineData("c00e", "a pointer ahead")]
    [InlineData("c000", "a pointer into the header")]
    [InlineData("0161c00c", "a name that goes around")]
    [InlineData("4061", "a label of 64 bytes")]
    [InlineData("80", "a label of no kind")]
    public void A_name_that_does_not_end_is_refused(string name, string why)
    {
        byte[] message = [.. Convert.FromHexString("000000000001000000000000"), .. Convert.FromHexString(name), .. new byte[80]];

        Assert.True(DnsReader.TryRead(message, out _) is not null, why);
    }

    [Fact]
    public void A_name_longer_than_names_are_is_refused()
    {
        byte[] label = [63, .. Encoding.ASCII.GetBytes(new string('a', 63))];
        byte[] message = [.. Convert.FromHexString("000000000001000000000000"), .. label, .. label, .. label, .. label, 0, 0, 12, 0, 1];

        Assert.NotNull(DnsReader.TryRead(message, out _));
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(4000, false)]
    public void A_name_that_goes_through_many_pointers_is_refused(int count, bool isRead)
    {
        byte[] message = Chain(count, records: 1);

        Assert.Equal(isRead, DnsReader.TryRead(message, out DnsMessage? read) is null);
        Assert.Equal(isRead ? "a" : null, read?.Answers[1].Name);
    }

    [Fact]
    public void More_records_than_a_peer_sends_are_refused_before_they_are_read()
    {
        byte[] message = Convert.FromHexString("00008400ffffffffffffffff");

        Assert.Equal("it has too many records", DnsReader.TryRead(message, out _));
    }

    [Theory]
    [InlineData("000028000000000000000000", "an update")]
    [InlineData("000084030000000000000000", "an error")]
    public void A_message_of_another_kind_is_refused(string message, string why)
    {
        Assert.True(DnsReader.TryRead(Convert.FromHexString(message), out _) is not null, why);
    }

    [Fact]
    public void A_dot_within_a_label_does_not_make_two_of_it()
    {
        byte[] message = [.. Convert.FromHexString("000000000001000000000000"), 5, .. "a.b.c"u8, 0, 0, 12, 0, 1];

        Assert.Null(DnsReader.TryRead(message, out DnsMessage? read));
        Assert.Equal(@"a\.b\.c", Assert.Single(read!.Questions).Name);
    }

    // In the data of a record of no known type, the name "a", and pointers each to the one before; then records whose names are a pointer to the last.
    private static byte[] Chain(int count, int records)
    {
        List<byte> message = [0, 0, 0x84, 0, 0, 0, 0, (byte)(records + 1), 0, 0, 0, 0, 0, 0xFF, 0, 0, 1, 0, 0, 0, 120];
        int length = 3 + (2 * (count - 1));
        message.AddRange([(byte)(length >> 8), (byte)length]);
        int last = message.Count;
        message.AddRange([1, (byte)'a', 0]);
        for (int i = 1; i < count; i++)
        {
            int next = message.Count;
            message.AddRange([(byte)(0xC0 | (last >> 8)), (byte)last]);
            last = next;
        }
        for (int i = 0; i < records; i++)
        {
            message.AddRange([(byte)(0xC0 | (last >> 8)), (byte)last, 0xFF, 0, 0, 1, 0, 0, 0, 120, 0, 0]);
        }
        return [.. message];
    }

    private static int Count(byte[] bytes, string text)
    {
        string all = Encoding.Latin1.GetString(bytes);
        return all.Split(text).Length - 1;
    }
}
