using System.Collections.Frozen;

namespace Bitswap.Multiformats;

/// <summary>Represents a protocol of the multiaddr table (github.com/multiformats/multiaddr, protocols.csv) and the form of its value.</summary>
internal sealed class AddressProtocol
{
    /// <summary>The size of a value that has its length, a varint, before it.</summary>
    private const int VariableSize = -1;

    private static readonly AddressProtocol[] _all =
    [
        Ip4 = new("ip4", 0x04, 4, AddressValues.ParseIp4, AddressValues.FormatIp4),
        Tcp = new("tcp", 0x06, 2, AddressValues.ParsePort, AddressValues.FormatPort),
        Ip6 = new("ip6", 0x29, 16, AddressValues.ParseIp6, AddressValues.FormatIp6),
        Ip6Zone = new("ip6zone", 0x2a, VariableSize, AddressValues.ParseName, AddressValues.FormatName),
        Dns = new("dns", 0x35, VariableSize, AddressValues.ParseName, AddressValues.FormatName),
        Dns4 = new("dns4", 0x36, VariableSize, AddressValues.ParseName, AddressValues.FormatName),
        Dns6 = new("dns6", 0x37, VariableSize, AddressValues.ParseName, AddressValues.FormatName),
        DnsAddr = new("dnsaddr", 0x38, VariableSize, AddressValues.ParseName, AddressValues.FormatName),
        new("udp", 0x0111, 2, AddressValues.ParsePort, AddressValues.FormatPort),
        new("webrtc-direct", 0x0118),
        new("webrtc", 0x0119),
        new("p2p-circuit", 0x0122),
        new("unix", 0x0190, VariableSize, AddressValues.ParsePath, AddressValues.FormatPath) { IsPath = true },
        P2p = new("p2p", 0x01a5, VariableSize, AddressValues.ParsePeerId, AddressValues.FormatPeerId),
        new("https", 0x01bb),
        new("tls", 0x01c0),
        new("sni", 0x01c1, VariableSize, AddressValues.ParseName, AddressValues.FormatName),
        new("noise", 0x01c6),
        new("quic", 0x01cc),
        new("quic-v1", 0x01cd),
        new("webtransport", 0x01d1),
        new("certhash", 0x01d2, VariableSize, AddressValues.ParseMultihash, AddressValues.FormatMultihash),
        new("ws", 0x01dd),
        new("wss", 0x01de),
        new("http", 0x01e0),
        new("http-path", 0x01e1, VariableSize, AddressValues.ParseHttpPath, AddressValues.FormatHttpPath),
    ];

    private static readonly FrozenDictionary<ulong, AddressProtocol> _byCode = _all.ToFrozenDictionary(p => p.Code);

    private static readonly FrozenDictionary<string, AddressProtocol> _byName = _all
        .Select(p => (p.Name, Protocol: p)).Append(("ipfs", P2p))
        .ToFrozenDictionary(p => p.Item1, p => p.Item2, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, AddressProtocol>.AlternateLookup<ReadOnlySpan<char>> _byNameSpan =
        _byName.GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly int _size;
    private readonly ValueParser? _parse;
    private readonly ValueFormatter? _format;

    private AddressProtocol(string name, ulong code, int size = 0, ValueParser? parse = null, ValueFormatter? format = null)
    {
        Name = name;
        Code = code;
        _size = size;
        _parse = parse;
        _format = format;
    }

    /// <summary>Turns text into the value's bytes; returns what is wrong, or null.</summary>
    public delegate string? ValueParser(ReadOnlySpan<char> text, out byte[] value);

    /// <summary>Turns the value's bytes into canonical text; returns what is wrong, or null.</summary>
    public delegate string? ValueFormatter(ReadOnlySpan<byte> value, out string text);

    public static AddressProtocol Ip4 { get; }

    public static AddressProtocol Ip6 { get; }

    public static AddressProtocol Ip6Zone { get; }

    public static AddressProtocol Dns { get; }

    public static AddressProtocol Dns4 { get; }

    public static AddressProtocol Dns6 { get; }

    public static AddressProtocol DnsAddr { get; }

    public static AddressProtocol Tcp { get; }

    public static AddressProtocol P2p { get; }

    public string Name { get; }

    public ulong Code { get; }

    public bool HasValue => _size != 0;

    public bool HasVariableSize => _size == VariableSize;

    /// <summary>Gets the size of the value in bytes where it is fixed.</summary>
    public int Size => _size;

    /// <summary>Gets whether the value is the whole rest of the text, slashes and all.</summary>
    public bool IsPath { get; private init; }

    public static AddressProtocol? Find(ulong code) => _byCode.GetValueOrDefault(code);

    public static AddressProtocol? Find(ReadOnlySpan<char> name) =>
        _byNameSpan.TryGetValue(name, out AddressProtocol? protocol) ? protocol : null;

    public string? Parse(ReadOnlySpan<char> text, out byte[] value) => _parse!(text, out value);

    public string? Format(ReadOnlySpan<byte> value, out string text) => _format!(value, out text);
}
