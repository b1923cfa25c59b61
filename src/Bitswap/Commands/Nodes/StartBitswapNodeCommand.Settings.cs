using System.Collections;
using Bitswap.Binding;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Nodes;

namespace Bitswap.Commands;

/// <content>What the repository remembers of a start.</content>
public sealed partial class StartBitswapNodeCommand
{
    // takes what the repository remembers for the parameters that are not given
    private NodeSettings? Recall()
    {
        if (Path is null)
        {
            return Save ? throw new FaultException(Faults.NoPathToSave()) : null;
        }

        NodeSettings settings = NodeSettings.Read(GetUnresolvedProviderPathFromPSPath(Path));
        Name ??= settings.Name;
        BlockStore ??= settings.BlockStore;
        ListenAddress ??= Network is null ? Arguments(settings.ListenAddress) : null;
        Peer ??= Arguments(settings.Peer);
        Router ??= settings.Router?.Select(router => new Uri(router)).ToArray();
        Gateway ??= settings.Gateway?.Select(gateway => new Uri(gateway)).ToArray();
        ProtocolVersion ??= settings.ProtocolVersion?.ToArray();
        SwarmKey ??= Network is null && settings.SwarmKey is { } key ? [key] : null;
        Discover ??= Network is null ? settings.Discover : null;
        LogPath ??= settings.LogPath;
        LogLevel = Given(nameof(LogLevel)) ? LogLevel : settings.LogLevel ?? LogLevel;
        ClientOnly = Given(nameof(ClientOnly)) ? ClientOnly : settings.ClientOnly ?? false;
        Public = Given(nameof(Public)) ? Public : Network is null && (settings.Public ?? false);
        foreach (DictionaryEntry option in Option ?? new StartOptions())
        {
            settings.Option[option.Key.ToString() ?? ""] = Unwrap.Base(option.Value);
        }

        if (Given(nameof(Relay)))
        {
            settings.Option[nameof(Relay)] = Relay.IsPresent;
        }

        Option = new StartOptions(settings.Option);
        return settings;

        static MultiaddrArgument[]? Arguments(IReadOnlyList<string>? texts) => texts?.Select(text => new MultiaddrArgument(text)).ToArray();
    }

    private void Keep(NodeSettings settings, NodeOptions options)
    {
        settings.Name = Name;
        settings.ListenAddress = ListenAddress is null ? settings.ListenAddress : [.. options.ListenAddresses.Select(address => address.ToString())];
        settings.Peer = Peer is null ? null : [.. options.Peers.Select(address => address.ToString())];
        settings.Router = Router is null ? null : [.. options.Routing.Routers.Select(router => router.AbsoluteUri)];
        settings.Gateway = Gateway is null ? null : [.. options.Http.Gateways.Select(gateway => gateway.AbsoluteUri)];
        settings.Public = Given(nameof(Public)) ? Public.IsPresent : settings.Public;
        settings.ProtocolVersion = ProtocolVersion;
        settings.ClientOnly = Given(nameof(ClientOnly)) ? ClientOnly.IsPresent : settings.ClientOnly;
        settings.Discover = Discover ?? settings.Discover;
        settings.SwarmKey = SwarmKeyPath;
        settings.LogPath = LogPath is null ? null : GetUnresolvedProviderPathFromPSPath(LogPath);
        settings.LogLevel = Given(nameof(LogLevel)) ? LogLevel : settings.LogLevel;
        settings.BlockStore = Unwrap.Base(BlockStore) switch
        {
            string text when text.Equals("Memory", StringComparison.OrdinalIgnoreCase) => "Memory",
            string path => GetUnresolvedProviderPathFromPSPath(path),
            FileSystemInfo folder => folder.FullName,
            _ => null,
        };
        if ((BlockStore is not null && settings.BlockStore is null) || Filter is not null)
        {
            WriteWarning($"{(Filter is null ? "The object of -BlockStore" : "-Filter")} is not kept by -Save. Use it again at each start.");
        }

        if (SwarmKey is { Length: > 0 } && SwarmKeyPath is null)
        {
            WriteWarning("A swarm key that is given as text is not kept by -Save: the next start without -SwarmKey is in no private network. Use the path of a file to keep it.");
        }

        TryAwait(
            _ =>
            {
                settings.Write(GetUnresolvedProviderPathFromPSPath(Path!));
                return ValueTask.FromResult(true);
            },
            Path,
            out _);
    }
}
