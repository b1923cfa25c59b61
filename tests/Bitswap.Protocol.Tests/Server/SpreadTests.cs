using Bitswap.Multiformats;
using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Server;

namespace Bitswap.Protocol.Tests.Server;

/// <summary>Several peers that want the same get different blocks first.</summary>
public sealed class SpreadTests
{
    private const int Size = 100_000;
    private static readonly PeerId[] _peers = [TestData.Peer(1), TestData.Peer(2), TestData.Peer(3)];

    // One reply is under way to each peer, with one block.
    private readonly EngineDriver _driver = new(new EngineOptions { ReplyTarget = 1024, MaxOutstandingReplyBytes = 64 * 1024 }) { HoldSends = true };

    [Fact]
    public void Peers_that_want_the_same_blocks_are_sent_different_ones_first()
    {
        Block[] blocks = Store(6);
        foreach (PeerId peer in _peers)
        {
            _driver.Connect(peer);
            _driver.ReceiveWants(peer, [.. blocks.Select(block => new WantlistEntry(block.Cid))]);
        }

        // the first was alone when its first block went out
        Assert.All(_peers.Take(2), peer => Assert.Equal(blocks[0].Cid, Assert.Single(Sent(peer))));
        Assert.Equal(blocks[1].Cid, Assert.Single(Sent(_peers[2])));

        _driver.ReleaseSends();
        Assert.Equal(blocks[2..5].Select(block => block.Cid), _peers.SelectMany(Sent).Order(Comparer<Cid>.Create((a, b) => Place(a).CompareTo(Place(b)))));

        int Place(Cid cid) => Array.FindIndex(blocks, block => block.Cid == cid);
    }

    [Fact]
    public void What_was_spread_is_sent_to_all_in_the_end()
    {
        Block[] blocks = Store(5);
        var got = _peers.ToDictionary(peer => peer, _ => new List<Cid>());
        foreach (PeerId peer in _peers)
        {
            _driver.Connect(peer);
            _driver.ReceiveWants(peer, [.. blocks.Select(block => new WantlistEntry(block.Cid))]);
        }

        for (int i = 0; i < 20; i++)
        {
            Array.ForEach(_peers, peer => got[peer].AddRange(Sent(peer)));
            _driver.ReleaseSends();
        }

        Assert.All(got.Values, cids => Assert.Equal(blocks.Select(block => block.Cid).Order(), cids.Order()));
        Assert.Equal(0, _driver.Engine.Stat().PeerWants);
    }

    [Fact]
    public void A_priority_goes_before_the_spread()
    {
        Block[] blocks = Store(2);
        foreach (PeerId peer in _peers)
        {
            _driver.Connect(peer);
            _driver.ReceiveWants(peer, new WantlistEntry(blocks[0].Cid, Priority: 2), new WantlistEntry(blocks[1].Cid));
        }

        Assert.All(_peers, peer => Assert.Equal(blocks[0].Cid, Assert.Single(Sent(peer))));
    }

    [Fact]
    public void One_peer_alone_gets_blocks_in_the_order_in_which_it_asked()
    {
        Block[] blocks = Store(4);
        var got = new List<Cid>();
        for (int round = 0; round < 2; round++)
        {
            _driver.Connect(_peers[round]);
            _driver.ReceiveWants(_peers[round], [.. blocks.Select(block => new WantlistEntry(block.Cid))]);
            got.Clear();
            for (int i = 0; i < 6; i++)
            {
                got.AddRange(Sent(_peers[round]));
                _driver.ReleaseSends();
            }

            Assert.Equal(blocks.Select(block => block.Cid), got);
        }
    }

    [Fact]
    public void The_count_of_copies_is_bounded()
    {
        var copies = new SentCopies();
        Multihash often = TestData.Block(0, 10).Cid.Hash;
        for (int i = 0; i < 10; i++)
        {
            copies.Add(often);
        }

        Assert.Equal(SentCopies.Enough, copies.Of(often));
        for (int i = 1; i <= SentCopies.MaxBlocks + 10; i++)
        {
            copies.Add(TestData.Block(i, 4).Cid.Hash);
            Assert.InRange(copies.Count, 1, SentCopies.MaxBlocks);
        }

        Assert.Equal(0, copies.Of(often));
    }

    private Block[] Store(int count)
    {
        Block[] blocks = [.. Enumerable.Range(0, count).Select(i => TestData.Block(i, Size))];
        Array.ForEach(blocks, _driver.Add);
        return blocks;
    }

    private List<Cid> Sent(PeerId peer) => [.. _driver.TakeSent(peer).SelectMany(message => message.Blocks).Select(block => block.Cid)];
}
