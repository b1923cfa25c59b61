using Bitswap.Libp2p.Errors;

namespace Bitswap.Node.Networks.Libp2p;

/// <summary>Turns the host's errors into the node's, each with what to do about it.</summary>
internal static class Libp2pErrors
{
    public static async Task<T> TranslateAsync<T>(Task<T> call, object? target)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (Libp2pException failure)
        {
            throw new BitswapException(failure.ErrorId, failure.Message, Remedy(failure.ErrorId), target, failure);
        }
    }

    private static string Remedy(string errorId) => errorId switch
    {
        Libp2pErrorIds.PeerIdMismatch => "Ask the peer's owner for its present address; another peer answers at this one.",
        Libp2pErrorIds.PeerUnreachable => "Check that the peer runs, that the address is right, and that no firewall stands between.",
        Libp2pErrorIds.NoCommonSecurity => "Have the peer offer Noise (/noise) or TLS 1.3 (/tls/1.0.0).",
        Libp2pErrorIds.NoCommonMuxer => "Have the peer offer yamux (/yamux/1.0.0), beside mplex or in place of it.",
        Libp2pErrorIds.PrivateNetwork => "Start the node with -SwarmKey and the key of the peer's network, or connect to a peer of the network that the node is in.",
        Libp2pErrorIds.AddressInUse => "Choose another port, or 0 for any free one.",
        Libp2pErrorIds.ListenFailed => "Choose an address of this machine, and a port that you may open.",
        Libp2pErrorIds.UnsupportedAddress => "Use a TCP or WebSocket address such as /ip4/127.0.0.1/tcp/4001/p2p/<peer id>.",
        Libp2pErrorIds.DialToSelf => "Give the address of another node.",
        Libp2pErrorIds.ProtocolNotSupported => "The peer does not speak the protocol; connect to one that does.",
        Libp2pErrorIds.LimitExceeded => "Close connections that are not needed, or raise the limit.",
        Libp2pErrorIds.HandshakeTimeout => "The peer was too slow; try again, or allow more time.",
        Libp2pErrorIds.RelayNoReservation => "Check that the peer runs and holds a reservation at this relay, or use another address of it.",
        Libp2pErrorIds.RelayResourceLimit => "Try again later, or use another relay.",
        Libp2pErrorIds.RelayPermissionDenied => "Ask the owner of the relay to serve this peer, or use another relay.",
        Libp2pErrorIds.RelayConnectionFailed => "Check that the peer behind the relay runs, and try again.",
        Libp2pErrorIds.NodeStopped => "Start another node with Start-BitswapNode.",
        _ => "Connect to the peer again.",
    };
}
