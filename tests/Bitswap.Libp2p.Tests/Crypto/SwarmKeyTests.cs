using System.Text;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Tests.Crypto;

public sealed class SwarmKeyTests
{
    private const string Digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private static readonly byte[] _secret = Convert.FromHexString(Digits);

    public static TheoryData<string> Files =>
    [
        $"/key/swarm/psk/1.0.0/\n/base16/\n{Digits}",
        $"/key/swarm/psk/1.0.0/\n/base16/\n{Digits}\n",
        $"/key/swarm/psk/1.0.0/\r\n/base16/\r\n{Digits.ToUpperInvariant()}\r\n",
        $"/key/swarm/psk/1.0.0/\n/base64/\n{Convert.ToBase64String(_secret)}\n",
        $"/key/swarm/psk/1.0.0/\n/bin/\n{Encoding.Latin1.GetString(_secret)}",
        $"/key/swarm/psk/1.0.0/\n/bin/\n{Encoding.Latin1.GetString(_secret)}\n",
    ];

    public static TheoryData<string, string> NoFiles => new()
    {
        { "", "first line" },
        { Digits, "first line" },
        { $"/key/swarm/psk/2.0.0/\n/base16/\n{Digits}\n", "first line" },
        { "/key/swarm/psk/1.0.0/", "second line" },
        { $"/key/swarm/psk/1.0.0/\n/base32/\n{Digits}\n", "second line" },
        { "/key/swarm/psk/1.0.0/\n/base16/\n", "third line" },
        { $"/key/swarm/psk/1.0.0/\n/base16/\n{Digits[2..]}\n", "third line" },
        { $"/key/swarm/psk/1.0.0/\n/base16/\n{Digits}00\n", "third line" },
        { $"/key/swarm/psk/1.0.0/\n/base16/\n{Digits[1..]}x\n", "third line" },
        { $"/key/swarm/psk/1.0.0/\n/base16/\n{Digits}\n\n", "third line" },
        { $"/key/swarm/psk/1.0.0/\n/base64/\n{Convert.ToBase64String(_secret)}AAAA\n", "third line" },
        { $"/key/swarm/psk/1.0.0/\n/base64/\n{Convert.ToBase64String(_secret[1..])}\n", "third line" },
        { "/key/swarm/psk/1.0.0/\n/bin/\nshort", "third line" },
        { new string('/', 1025), "1025 bytes" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_key_is_read_in_each_encoding(string file)
    {
        SwarmKey key = SwarmKey.Parse(Encoding.Latin1.GetBytes(file));

        Assert.Equal(_secret, key.Secret.ToArray());
    }

    [Fact]
    public void A_binary_key_may_end_with_what_is_a_line_end_elsewhere()
    {
        byte[] secret = [.. _secret.AsSpan(0, 30), (byte)'\r', (byte)'\n'];

        foreach (string end in (string[])["", "\n", "\r\n"])
        {
            byte[] file = [.. "/key/swarm/psk/1.0.0/\n/bin/\n"u8, .. secret, .. Encoding.ASCII.GetBytes(end)];
            Assert.Equal(secret, SwarmKey.Parse(file).Secret.ToArray());
            Assert.Equal([.. secret[1..], (byte)'\r'], SwarmKey.Parse([.. file[..28], .. file[29..60], (byte)'\r', .. Encoding.ASCII.GetBytes(end)]).Secret.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(NoFiles))]
    public void What_is_no_key_is_refused_by_the_line_that_is_wrong(string file, string words)
    {
        Libp2pException error = Assert.Throws<Libp2pException>(() => SwarmKey.Parse(Encoding.Latin1.GetBytes(file)));

        Assert.Equal(Libp2pErrorIds.InvalidKey, error.ErrorId);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Digits[2..20], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_text_is_the_fingerprint_that_Kubo_prints_of_it()
    {
        SwarmKey key = SwarmKey.Parse(Encoding.Latin1.GetBytes($"/key/swarm/psk/1.0.0/\n/base16/\n{Digits}"));

        Assert.Equal("41dfbf48d882a8ee665983adfa7a48f7", key.ToString());
    }
}
