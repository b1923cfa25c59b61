using System.Text;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Fuzz.Targets;

/// <summary>CIDs, multihashes, multibase, addresses and peer ids, as text and as bytes.</summary>
internal static class MultiformatTargets
{
    private static readonly string[] _addressWords =
    [
        "/ip4/1.2.3.4", "/ip6/fe80::1", "/ip6zone/eth0", "/dns/a.b", "/dns4/", "/dns6/", "/dnsaddr/", "/tcp/4001", "/udp/1", "/quic-v1", "/quic", "/tls",
        "/ws", "/wss", "/p2p/", "/ipfs/", "/p2p-circuit", "/unix/", "/http", "/https", "/noise", "/sni/", "/webtransport", "/certhash/", "/webrtc-direct",
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("cid-text", [MultiformatException.InvalidCid], CidText) { Words = ["/ipfs/", "ipfs://", "Qm", "bafy", "bafkrei", "z", "f01551220", "k", "h"] },
        new("cid-bytes", [MultiformatException.InvalidCid], CidBytes),
        new("multihash", [MultiformatException.InvalidMultihash], HashBytes),
        new("multibase", [MultiformatException.InvalidMultibase], BaseText) { Words = ["\U0001F680", "=", "======", "0", "7", "9", "F", "T", "Z", "U"] },
        new("multiaddr-text", [MultiformatException.InvalidMultiaddr], AddressText) { Words = _addressWords },
        new("multiaddr-bytes", [MultiformatException.InvalidMultiaddr], AddressBytes),
        new("peer-id", [MultiformatException.InvalidPeerId], PeerIdText) { Words = ["12D3KooW", "Qm", "bafzaa", "k51"] },
    ];

    private static void CidText(ReadOnlyMemory<byte> input)
    {
        string text = Encoding.UTF8.GetString(input.Span);
        bool isCid = Cid.TryParse(text, out Cid? tried);
        Cid cid = Cid.Parse(text);
        FuzzFailureException.Unless(isCid && cid.Equals(tried), "TryParse and Parse differ.");
        FuzzFailureException.Unless(cid.Equals(Cid.Parse(cid.ToString())), "Its own text reads back as another.");
        FuzzFailureException.Unless(cid.Equals(Cid.FromBytes(cid.Bytes)), "Its bytes read back as another.");
    }

    private static void CidBytes(ReadOnlyMemory<byte> input)
    {
        Cid cid = Cid.Read(input.Span, out int consumed);
        FuzzFailureException.Unless(cid.Bytes.SequenceEqual(input.Span[..consumed]), "Its bytes are not those that were read.");
        FuzzFailureException.Unless(Cid.FromBytes(input.Span[..consumed]).Equals(Cid.Parse(cid.ToString())), "Its text reads back as another.");
        Cid.FromBytes(input.Span);
    }

    private static void HashBytes(ReadOnlyMemory<byte> input)
    {
        Multihash hash = Multihash.Read(input.Span, out int consumed);
        FuzzFailureException.Unless(hash.Bytes.SequenceEqual(input.Span[..consumed]), "Its bytes are not those that were read.");
        FuzzFailureException.Unless(hash.Equals(Multihash.FromDigest(hash.Code, hash.Digest)), "It is not made of its code and its digest.");
        Multihash.IsAcceptable(hash, out _);
        hash.Matches(input.Span);
        Multihash.FromBytes(input.Span);
    }

    private static void BaseText(ReadOnlyMemory<byte> input)
    {
        string text = Encoding.UTF8.GetString(input.Span);
        byte[] data = Multibase.Decode(text, out MultibaseEncoding encoding);
        FuzzFailureException.Unless(
            string.Equals(Multibase.Encode(encoding, data), text, StringComparison.OrdinalIgnoreCase), "What it decodes to is another text.");
    }

    private static void AddressText(ReadOnlyMemory<byte> input)
    {
        string text = Encoding.UTF8.GetString(input.Span);
        bool isAddress = Multiaddr.TryParse(text, out Multiaddr? tried);
        Multiaddr address = Multiaddr.Parse(text);
        FuzzFailureException.Unless(isAddress && address.Equals(tried), "TryParse and Parse differ.");
        Same(address);
    }

    private static void AddressBytes(ReadOnlyMemory<byte> input)
    {
        Multiaddr address = Multiaddr.FromBytes(input.Span);
        FuzzFailureException.Unless(address.Bytes.SequenceEqual(input.Span), "Its bytes are not those that were read.");
        Same(address);
    }

    private static void Same(Multiaddr address)
    {
        FuzzFailureException.Unless(address.Equals(Multiaddr.Parse(address.ToString())), "Its own text reads back as another.");
        FuzzFailureException.Unless(address.Equals(Multiaddr.FromBytes(address.Bytes)), "Its bytes read back as another.");
        address.TryGetTcp(out _, out _, out _);
        if (address.Components.Count > 1)
        {
            FuzzFailureException.Unless(address.WithoutPeerId().Components.Count >= address.Components.Count - 1, "More than the peer id is taken away.");
        }
    }

    private static void PeerIdText(ReadOnlyMemory<byte> input)
    {
        PeerId id = PeerId.Parse(Encoding.UTF8.GetString(input.Span));
        FuzzFailureException.Unless(id.Equals(PeerId.Parse(id.ToString())), "Its own text reads back as another.");
        FuzzFailureException.Unless(id.Equals(PeerId.FromBytes(id.Bytes)), "Its bytes read back as another.");
        FuzzFailureException.Unless(id.Equals(PeerId.Parse(id.ToCid().ToString())), "Its CID reads back as another.");
    }
}
