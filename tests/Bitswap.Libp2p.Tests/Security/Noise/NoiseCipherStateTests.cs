using System.Security.Cryptography;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Noise;

namespace Bitswap.Libp2p.Tests.Security.Noise;

public sealed class NoiseCipherStateTests
{
    private static readonly byte[] _key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void The_last_nonce_is_used_and_the_reserved_one_refused()
    {
        using NoiseCipherState send = new(_key, ulong.MaxValue - 1);
        using NoiseCipherState receive = new(_key, ulong.MaxValue - 1);
        byte[] text = "last"u8.ToArray();
        byte[] tag = new byte[NoiseConstants.TagLength];
        send.Encrypt(text, tag);
        Assert.True(receive.TryDecrypt(text, tag));
        Assert.Equal("last"u8.ToArray(), text);
        Assert.Equal(Libp2pErrorIds.LimitExceeded, Assert.Throws<Libp2pException>(() => send.Encrypt(text, tag)).ErrorId);
        Assert.Equal(Libp2pErrorIds.LimitExceeded, Assert.Throws<Libp2pException>(() => receive.TryDecrypt(text, tag)).ErrorId);
        Assert.Equal("last"u8.ToArray(), text);
    }

    [Fact]
    public void The_nonce_counts_little_endian_behind_four_zero_bytes()
    {
        using NoiseCipherState counting = new(_key, 0x0102030405060708);
        using ChaCha20Poly1305 plain = new(_key);
        byte[] text = new byte[5];
        byte[] tag = new byte[16];
        counting.Encrypt(text, tag);
        byte[] expected = new byte[5];
        byte[] expectedTag = new byte[16];
        plain.Encrypt((byte[])[0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1], new byte[5], expected, expectedTag);
        Assert.Equal(expected, text);
        Assert.Equal(expectedTag, tag);
    }

    [Fact]
    public void A_message_out_of_order_or_with_other_data_is_refused()
    {
        using NoiseCipherState send = new(_key);
        using NoiseCipherState receive = new(_key);
        byte[] first = "first"u8.ToArray();
        byte[] second = "second"u8.ToArray();
        byte[] firstTag = new byte[16];
        byte[] secondTag = new byte[16];
        send.Encrypt(first, firstTag, "ad"u8);
        send.Encrypt(second, secondTag, "ad"u8);
        Assert.False(receive.TryDecrypt([.. second], secondTag, "ad"u8));
        Assert.False(receive.TryDecrypt([.. first], firstTag, "da"u8));
        Assert.True(receive.TryDecrypt(first, firstTag, "ad"u8));
        Assert.True(receive.TryDecrypt(second, secondTag, "ad"u8));
        Assert.Equal("second"u8.ToArray(), second);
    }
}
