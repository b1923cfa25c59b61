using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Providing;
using Bitswap.Node.Repositories;

namespace Bitswap.Node;

/// <content>Announcing blocks.</content>
public sealed partial class NodeHost
{
    private SweepProvider? _provider;

    /// <summary>Gets the roots of what was added or imported since the node was started.</summary>
    internal RootSet Roots { get; } = new();

    /// <summary>Lists blocks as the option Provide does.</summary>
    /// <param name="strategy">Which.</param>
    internal ProvidedBlocks BlocksOf(ProvideStrategy strategy) =>
        new(strategy, _store, Pins, Roots, async (cid, token) => await ReadLocalAsync(cid, token).ConfigureAwait(false) ?? throw NodeErrors.BlockNotFound(cid), _options.Routing.MaxProvideKeys);

    /// <summary>Gets how many peers are told of blocks at once.</summary>
    internal int MaxProvideStreams => _options.Routing.MaxProvideStreams;

    /// <summary>Gets whether only this machine can reach the node, and the peers that a lookup in the DHT begins at are elsewhere: they would not be told what it has.</summary>
    internal bool IsBeyondReach => IsMachineOnly && _options.Routing.DhtBootstrap.All(peer => AddressScopes.Of(peer) > AddressScope.Machine);

    /// <summary>Remembers the root of what was added or imported, and announces it where roots are.</summary>
    internal void NoteRoot(Cid root)
    {
        Roots.Add(root);
        if (_provider is { Strategy: ProvideStrategy.Roots } provider)
        {
            provider.Announce(root.Hash);
        }
    }

    /// <summary>Announces what was pinned, where it is.</summary>
    internal void NotePinned(IEnumerable<Pin> pins)
    {
        foreach (Pin pin in pins)
        {
            switch (_provider?.Strategy)
            {
                case ProvideStrategy.Roots:
                    _provider.Announce(pin.Cid.Hash);
                    break;
                case ProvideStrategy.Pinned:
                    _provider.Announce(pin);
                    break;
            }
        }
    }

    private static void EnsureCanProvide(RoutingOptions routing, string name = nameof(RoutingOptions.Provide))
    {
        if (routing.Provide != ProvideStrategy.None && routing.DhtBootstrap.Count == 0)
        {
            throw new ArgumentException("Blocks are announced in the DHT, and no peer of it is named at which a lookup could start. Use -Public, or name one in the option DhtBootstrap.", name);
        }
    }

    private void NoteStored(Cid cid)
    {
        if (_provider is { Strategy: ProvideStrategy.All } provider)
        {
            provider.Announce(cid.Hash);
        }
    }

    // A repository that cannot be written to does not say what was announced; all that read it announce under one id, which does no harm.
    private void StartProviding()
    {
        RoutingOptions routing = _options.Routing;
        if (routing.Provide != ProvideStrategy.None)
        {
            _provider = new SweepProvider(Routing.Targets[0], BlocksOf(routing.Provide), _provideState!, routing, _options.Clock, _log);
        }
    }
}
