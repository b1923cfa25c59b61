using System.Numerics;
using System.Security.Cryptography;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class KademliaKeyTests
{
    [Fact]
    public void A_key_is_the_SHA256_of_its_bytes()
    {
        // FIPS 180-4, the message "abc"
        Assert.Equal(
            new KademliaKey(0xba7816bf8f01cfea, 0x414140de5dae2223, 0xb00361a396177a9c, 0xb410ff61f20015ad),
            KademliaKey.Of("abc"u8));
        Assert.Equal(KademliaKey.Of(KademliaPeers.Id(1).Bytes), KademliaKey.Of(KademliaPeers.Id(1)));
    }

    [Fact]
    public void Distances_are_those_of_whole_numbers() => Seeded.Run(200, random =>
    {
        byte[] a = random.Bytes(34);
        byte[] b = random.Bytes(34);
        byte[] target = random.Bytes(34);

        BigInteger near = Distance(a, target);
        BigInteger far = Distance(b, target);

        Assert.Equal(
            near.CompareTo(far),
            Math.Sign(KademliaKey.Of(a).DistanceTo(KademliaKey.Of(target)).CompareTo(KademliaKey.Of(b).DistanceTo(KademliaKey.Of(target)))));
        Assert.Equal(256 - (int)near.GetBitLength(), KademliaKey.Of(a).CommonPrefixLength(KademliaKey.Of(target)));
    });

    [Theory]
    [InlineData(0, 0, 0, 0, 256)]
    [InlineData(0, 0, 0, 1, 255)]
    [InlineData(0, 0, 1, 0, 191)]
    [InlineData(0, 1, 0, ulong.MaxValue, 127)]
    [InlineData(1, 0, 0, 0, 63)]
    [InlineData(ulong.MaxValue, 0, 0, 0, 0)]
    public void The_common_prefix_goes_over_all_words(ulong first, ulong second, ulong third, ulong fourth, int length) =>
        Assert.Equal(length, default(KademliaKey).CommonPrefixLength(new KademliaKey(first, second, third, fourth)));

    [Fact]
    public void A_later_word_decides_when_the_earlier_are_the_same()
    {
        KademliaKey[] ascending = [new(0, 0, 0, 1), new(0, 0, 1, 0), new(0, 1, 0, 0), new(1, 0, 0, 0)];

        Assert.Equal(ascending, ascending.Reverse().Order());
    }

    private static BigInteger Distance(byte[] a, byte[] b) =>
        new(SHA256.HashData(a).Zip(SHA256.HashData(b), (x, y) => (byte)(x ^ y)).ToArray(), isUnsigned: true, isBigEndian: true);
}
