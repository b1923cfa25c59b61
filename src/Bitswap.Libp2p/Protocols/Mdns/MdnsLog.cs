using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>What the search for peers on the local network logs.</summary>
internal static partial class MdnsLog
{
    [LoggerMessage(2040, LogLevel.Information, "Peers are looked for on these interfaces: {Interfaces}.")]
    public static partial void Looking(ILogger logger, string interfaces);

    [LoggerMessage(2041, LogLevel.Warning, "Peers cannot be looked for on {Interface}: {Reason}.")]
    public static partial void LinkFailed(ILogger logger, string @interface, string reason);

    [LoggerMessage(2042, LogLevel.Debug, "A packet was not sent on {Interface}: {Reason}.")]
    public static partial void SendFailed(ILogger logger, string @interface, string reason);

    [LoggerMessage(2043, LogLevel.Debug, "{Peer} is on the local network, by {Interface}: {Addresses}.")]
    public static partial void Found(ILogger logger, string peer, string @interface, string addresses);

    [LoggerMessage(2044, LogLevel.Debug, "{Count} packets on the local network were dropped: they came faster than they are read.")]
    public static partial void Dropped(ILogger logger, long count);
}
