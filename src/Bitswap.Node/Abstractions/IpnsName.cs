using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Node.Abstractions;

/// <summary>The forms of an IPNS name, which is the peer id of the key that signs its records (specs.ipfs.tech/ipns/ipns-record, "IPNS Name").</summary>
internal static class IpnsName
{
    /// <summary>Returns the name as text: a CID of the codec libp2p-key in base 36, <c>k51...</c>.</summary>
    public static string TextOf(PeerId name) => name.ToCid().ToString(MultibaseEncoding.Base36);

    /// <summary>Returns the key under which the DHT keeps its record ("Routing Record").</summary>
    public static byte[] RoutingKeyOf(PeerId name) => [.. "/ipns/"u8, .. name.Hash.Bytes];
}
