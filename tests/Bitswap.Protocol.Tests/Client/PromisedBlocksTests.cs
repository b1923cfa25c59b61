using Bitswap.Multiformats;
using Bitswap.Protocol.Abstractions;

namespace Bitswap.Protocol.Tests.Client;

/// <summary>A peer that fetches the same and says HAVE is asked for what a busy one would send much later.</summary>
public sealed class PromisedBlocksTests
{
    private const int Size = 200_000;
    private static readonly PeerId _busy = TestData.Peer(1);
    private static readonly PeerId _fellow = TestData.Peer(2);
    private readonly EngineDriver _driver = new();
    private readonly Block[] _blocks = [.. Enumerable.Range(0, 12).Select(i => TestData.Block(i, Size))];
    private Cid[] _requested = [];

    [Fact]
    public void A_fellow_that_gets_a_block_is_asked_for_it_in_the_place_of_the_busy_one()
    {
        Cid late = Start(lacksFirst: true);

        _driver.ReceiveHave(_fellow, late);

        Assert.Equal(late, Assert.Single(_driver.TakeEntries(_busy), entry => entry.Cancel).Cid);
        Assert.Equal(WantType.Block, Assert.Single(_driver.TakeEntries(_fellow), entry => entry.Cid == late && !entry.Cancel).Type);
        Assert.Equal(1, _driver.Engine.Stat().WantsMoved);

        _driver.ReceiveBlocks(_fellow, Find(late));
        Assert.Equal(0, _driver.Engine.Stat().DuplicateBlocks);
    }

    [Fact]
    public void A_fellow_that_has_sent_nothing_yet_is_trusted_with_two()
    {
        Start(lacksFirst: true);
        _driver.ReceiveHave(_fellow, _requested);
        Assert.Equal(2, _driver.Engine.Stat().WantsMoved);
        Cid[] asked = [.. _driver.TakeEntries(_fellow).Where(entry => entry.Type == WantType.Block && !entry.Cancel).Select(entry => entry.Cid)];

        _driver.Advance(TimeSpan.FromMilliseconds(5));
        _driver.ReceiveBlocks(_fellow, [.. asked.Select(Find)]);
        Assert.InRange(_driver.Engine.Stat().WantsMoved, 3, 8);
    }

    [Fact]
    public void A_peer_that_never_lacked_anything_takes_over_in_the_end_game_alone()
    {
        Cid late = Start(lacksFirst: false);
        _driver.ReceiveHave(_fellow, late);
        Assert.Equal(0, _driver.Engine.Stat().WantsMoved);
    }

    /// <summary>Two peers are asked; one sends a block each 100 ms, and the other lacks all so far, or has said nothing. Returns what the first is asked for and sends last.</summary>
    private Cid Start(bool lacksFirst)
    {
        _driver.Connect(_busy);
        _driver.Connect(_fellow);
        Array.ForEach(_blocks, block => _driver.Want(block.Cid, run: false));
        _driver.Run();
        var asked = new List<Cid>();
        while (_driver.TakeEntries(_fellow) is { Count: > 0 } told && lacksFirst)
        {
            _driver.ReceiveDontHave(_fellow, [.. told.Select(entry => entry.Cid)]);
        }

        asked.AddRange(_driver.TakeEntries(_busy).Where(entry => entry.Type == WantType.Block).Select(entry => entry.Cid));
        for (int i = 0; i < 2; i++)
        {
            _driver.Advance(TimeSpan.FromMilliseconds(100));
            _driver.ReceiveBlocks(_busy, Find(asked[i]));
        }

        asked.AddRange(_driver.TakeEntries(_busy).Where(entry => entry.Type == WantType.Block && !entry.Cancel).Select(entry => entry.Cid));
        _driver.TakeSent(_fellow);
        _requested = [.. asked.Skip(2).Distinct()];
        Assert.InRange(_requested.Length, 4, 10);
        return _requested[^1];
    }

    private Block Find(Cid cid) => _blocks.Single(block => block.Cid == cid);
}
