using System.Numerics;
using Bitswap.Libp2p.Crypto;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Crypto;

/// <summary>Holds X25519 against whole numbers, above all for the keys at which arithmetic goes wrong.</summary>
public sealed class X25519OracleTests
{
    private static readonly BigInteger _mask = BigInteger.Pow(2, 256) - 1;

    [Fact]
    public void Random_keys_agree_on_the_curve_and_on_its_twist() => Seeded.Run(60, random =>
        AssertAgrees(random.Bytes(32), random.Bytes(32)));

    // a bit alone, a run of ones, and both with a little added or taken away: carries go through limbs of any size
    [Fact]
    public void Public_keys_near_a_power_of_two_agree() => Seeded.Run(150, random =>
    {
        BigInteger power = BigInteger.Pow(2, random.Next(256));
        BigInteger other = random.Next(2) == 0 ? 0 : BigInteger.Pow(2, random.Next(256));
        AssertAgrees(Secret(random), TextbookX25519.Write((power - other + random.Next(-20, 21)) & _mask));
    });

    [Fact]
    public void Public_keys_at_and_over_the_prime_agree_with_what_they_are_modulo_it()
    {
        byte[] secret = new Random(1).Bytes(32);
        for (int i = -20; i < 19; i++)
        {
            byte[] key = TextbookX25519.Write(TextbookX25519.Prime + i);
            byte[] marked = [.. key];
            marked[31] |= 0x80;
            AssertAgrees(secret, key);
            AssertAgrees(secret, marked);
        }
    }

    // the peer's key is divided by our own, so that the result is a number that must be reduced right at the end
    [Fact]
    public void Shared_secrets_near_zero_and_the_prime_come_out() => Seeded.Run(3, random =>
    {
        byte[] secret = random.Bytes(32);
        int seen = 0;
        foreach (int i in Enumerable.Range(-20, 41))
        {
            BigInteger wanted = (TextbookX25519.Prime + i) % TextbookX25519.Prime;
            BigInteger order = Array.Find(TextbookX25519.Orders, order => TextbookX25519.Multiply(order - 1, wanted) == wanted);
            if (wanted.IsZero || order.IsZero)
            {
                continue;
            }

            BigInteger inverse = BigInteger.ModPow(TextbookX25519.Clamp(secret), order - 2, order);
            byte[] peer = TextbookX25519.Write(TextbookX25519.Multiply(inverse, wanted));
            Assert.Equal(TextbookX25519.Write(wanted), TextbookX25519.Agree(secret, peer));
            AssertAgrees(secret, peer);
            seen++;
        }

        Assert.True(seen > 5, $"{seen} of them are in a large subgroup");
    });

    [Fact]
    public void Public_keys_are_the_secrets_shared_with_the_base_point() => Seeded.Run(100, random =>
    {
        byte[] secret = Secret(random);
        byte[] own = new byte[32];
        X25519.PublicKey(secret, own);
        Assert.Equal(TextbookX25519.Agree(secret, TextbookX25519.Write(9)), own);
    });

    /// <summary>A private key of random bytes, or one that repeats a byte, or one near the order of the group.</summary>
    private static byte[] Secret(Random random) => random.Next(3) switch
    {
        0 => [.. Enumerable.Repeat((byte)random.Next(256), 32)],
        1 => TextbookX25519.Write(TextbookX25519.Orders[0] + random.Next(-20, 21)),
        _ => random.Bytes(32),
    };

    private static void AssertAgrees(byte[] secret, byte[] peer)
    {
        byte[] own = new byte[32];
        bool agreed = X25519.TryAgree(secret, peer, own);
        string keys = $"{Convert.ToHexStringLower(secret)} and {Convert.ToHexStringLower(peer)}";
        Assert.True(TextbookX25519.Agree(secret, peer).AsSpan().SequenceEqual(own), keys);
        Assert.True(agreed == own.AsSpan().ContainsAnyExcept((byte)0), keys);
    }
}
