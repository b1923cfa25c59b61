using System.Collections.Concurrent;
using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Peers;

/// <summary>When a peer that is to be kept is dialled again.</summary>
public sealed class PeerKeeperTests
{
    private static readonly int[] _pauses = [1, 2, 4, 8, 16, 32, 60, 60, 60];
    private readonly MemoryNetwork _memory = new(seed: 5);
    private readonly RecordingClock _clock = new();

    [Fact]
    public async Task A_peer_that_is_not_there_is_dialled_after_pauses_that_grow_to_a_minute()
    {
        Dials network = new(_memory.CreatePeer());
        await using NodeHost node = await StartAsync(network, _memory.CreatePeer().PeerId);

        for (int i = 0; i < _pauses.Length; i++)
        {
            await PauseAsync(network, dials: i + 1, _pauses[i], begun: _pauses[..(i + 1)].Count(_pauses[i].Equals));
        }

        await Poll.UntilAsync(() => network.Count == _pauses.Length + 1);
    }

    [Fact]
    public async Task A_peer_that_was_there_and_left_is_dialled_at_once_and_its_pauses_begin_anew()
    {
        Dials network = new(_memory.CreatePeer());
        IPeerNetwork place = _memory.CreatePeer();
        await using NodeHost node = await StartAsync(network, place.PeerId);
        await PauseAsync(network, dials: 1, seconds: 1, begun: 1);
        await PauseAsync(network, dials: 2, seconds: 2, begun: 1);
        await Poll.UntilAsync(() => _clock.Begun(TimeSpan.FromSeconds(4)) == 1);

        await using (await RawPeer.StartAsync(place))
        {
            _clock.Advance(TimeSpan.FromSeconds(4));
            await Poll.UntilAsync(() => node.IsLinked(place.PeerId));
            Assert.Equal(4, network.Count);
        }

        // its loss is the word to dial
        await PauseAsync(network, dials: 5, seconds: 1, begun: 2);
        await PauseAsync(network, dials: 6, seconds: 2, begun: 2);
        await Poll.UntilAsync(() => network.Count == 7);
    }

    [Fact]
    public async Task A_peer_that_is_disconnected_is_kept_no_longer()
    {
        Dials network = new(_memory.CreatePeer());
        PeerId forgotten = _memory.CreatePeer().PeerId;
        PeerId kept = _memory.CreatePeer().PeerId;
        await using NodeHost node = await StartAsync(network, forgotten, kept);
        await Poll.UntilAsync(() => _clock.Begun(TimeSpan.FromSeconds(1)) == 2);

        await node.DisconnectAsync(forgotten);

        // the one that is still kept is dialled many times meanwhile
        for (int dials = 1; dials <= 6; dials++)
        {
            await Poll.UntilAsync(() => network.Of(kept) == dials && _clock.Begun(TimeSpan.FromSeconds(_pauses[dials - 1])) > 0);
            _clock.Advance(TimeSpan.FromSeconds(_pauses[dials - 1]));
        }

        await Poll.UntilAsync(() => network.Of(kept) == 7);
        Assert.Equal(1, network.Of(forgotten));
    }

    /// <summary>Waits for a pause of this length after so many dials, and sees that the next dial comes at its end and not before.</summary>
    private async Task PauseAsync(Dials network, int dials, int seconds, int begun)
    {
        TimeSpan pause = TimeSpan.FromSeconds(seconds);
        await Poll.UntilAsync(() => _clock.Begun(pause) == begun, $"pause {begun} of {pause} after dial {dials}");
        _clock.Advance(pause - TimeSpan.FromTicks(1));
        Assert.Equal(dials, network.Count);
        _clock.Advance(TimeSpan.FromTicks(1));
    }

    private Task<NodeHost> StartAsync(IPeerNetwork network, params PeerId[] kept) => NodeHost.StartAsync(
        new NodeOptions { Network = network, Peers = [.. kept.Select(Multiaddr.Parse("/dns4/memory/tcp/1").WithPeerId)], Clock = _clock, Seed = 1 });

    /// <summary>A network that counts what its node dials.</summary>
    private sealed class Dials(IPeerNetwork inner) : WrappedNetwork(inner)
    {
        private readonly ConcurrentQueue<PeerId> _dialled = new();

        public int Count => _dialled.Count;

        public int Of(PeerId peer) => _dialled.Count(peer.Equals);

        public override ValueTask<PeerId> ConnectAsync(IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
        {
            _dialled.Enqueue(addresses[0].PeerId!);
            return base.ConnectAsync(addresses, terms, cancellationToken);
        }
    }
}
