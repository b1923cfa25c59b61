namespace Bitswap.Libp2p.Errors;

/// <summary>The errors of the host that are thrown in more than one place.</summary>
internal static class HostErrors
{
    public static Libp2pException Stopped() => new(Libp2pErrorIds.NodeStopped, "The host is stopped.");

    public static Libp2pException NotConnected(PeerId peer) => new(Libp2pErrorIds.ConnectionClosed, $"There is no connection with {peer}.");

    public static Libp2pException ToSelf(PeerId self) =>
        new(Libp2pErrorIds.DialToSelf, $"{self} is this host itself; there is nothing to connect to.");
}
