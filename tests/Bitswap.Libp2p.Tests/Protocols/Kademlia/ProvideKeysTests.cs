using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class ProvideKeysTests
{
    [Fact]
    public void Keys_of_every_kind_come_back_as_they_were_once_each_in_the_order_of_their_places() => Seeded.Run(random =>
    {
        byte[][] given =
        [
            .. Enumerable.Range(0, 9_000).Select(_ => (byte[])[0x12, 0x20, .. random.Bytes(32)]),
            .. Enumerable.Range(0, 50).Select(_ => Multihash.Compute(MultihashCode.Sha512, random.Bytes(9)).ToByteArray()),
            .. Enumerable.Range(0, 50).Select(_ => Multihash.Compute(MultihashCode.Blake3, random.Bytes(9)).ToByteArray()),
            .. Enumerable.Range(0, 50).Select(_ => Multihash.Compute(MultihashCode.Sha256, random.Bytes(9), 20).ToByteArray()),
        ];
        ProvideKeys keys = new(10_000);
        foreach (byte[] key in given.Concat(given.Take(400)).Concat(given.TakeLast(60)).OrderBy(_ => random.Next()))
        {
            keys.Add(key);
        }

        keys.Sort();

        Assert.Equal(given.Length, keys.Count);
        Assert.Equal(0, keys.LeftOut);
        Assert.Equal(given.OrderBy(key => KademliaKey.Of(key)).Select(Convert.ToHexString), Enumerable.Range(0, keys.Count).Select(keys.KeyAt).Select(Convert.ToHexString));
        Assert.All(Enumerable.Range(0, keys.Count), i => Assert.Equal(KademliaKey.Of(keys.KeyAt(i)).First, keys.PlaceAt(i)));
    });

    [Fact]
    public void What_finds_no_room_is_counted_and_what_is_there_twice_makes_room()
    {
        ProvideKeys keys = new(3);
        foreach (int number in (int[])[1, 1, 2, 3, 4, 5])
        {
            keys.Add(Multihash.Compute(MultihashCode.Sha256, [(byte)number]).ToByteArray());
        }

        keys.Sort();

        Assert.Equal(3, keys.Count);
        Assert.Equal(2, keys.LeftOut);
    }

    [Fact]
    public void A_key_that_is_longer_than_peers_take_is_left_out()
    {
        ProvideKeys keys = new(3);
        keys.Add(new byte[KademliaClient.MaxKeyLength + 1]);

        Assert.Equal((0, 0), (keys.Count, keys.LeftOut));
    }

    [Fact]
    public void Places_are_found()
    {
        ProvideKeys keys = new(100);
        foreach (int number in Enumerable.Range(0, 50))
        {
            keys.Add(Multihash.Compute(MultihashCode.Sha256, [(byte)number]).ToByteArray());
        }

        keys.Sort();

        for (int i = 0; i < keys.Count; i++)
        {
            Assert.Equal((i, i + 1), (keys.FirstAt(keys.PlaceAt(i)), keys.FirstAfter(keys.PlaceAt(i))));
            Assert.Equal(i, keys.FirstAfter(keys.PlaceAt(i) - 1));
        }

        Assert.Equal((0, 50), (keys.FirstAt(0), keys.FirstAfter(ulong.MaxValue)));
    }
}
