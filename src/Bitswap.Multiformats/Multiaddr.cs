using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap;

/// <summary>
/// Represents a self-describing network address (github.com/multiformats/multiaddr), such as <c>/ip4/127.0.0.1/tcp/4001/p2p/12D3Koo...</c>.
/// Immutable; equality and order are those of the bytes.
/// </summary>
public sealed class Multiaddr : IEquatable<Multiaddr>, IComparable<Multiaddr>, IComparable, ISpanParsable<Multiaddr>
{
    /// <summary>The longest binary form that is read, in bytes.</summary>
    public const int MaxLength = 1024;

    /// <summary>The longest text that is read, in characters: enough for the text of every binary form of <see cref="MaxLength"/> bytes.</summary>
    public const int MaxTextLength = 8 * MaxLength;

    private readonly byte[] _bytes;
    private readonly MultiaddrComponent[] _components;
    private readonly string _text;
    private readonly int _hashCode;

    private Multiaddr(byte[] bytes, MultiaddrComponent[] components)
    {
        _bytes = bytes;
        _components = components;
        _text = string.Concat<MultiaddrComponent>(components);
        _hashCode = Multihash.SeededHash(bytes);
        Components = Array.AsReadOnly(components);
        string? peer = Array.FindLast(components, c => c.Protocol == AddressProtocol.P2p.Name)?.Value;
        PeerId = peer is null ? null : PeerId.Parse(peer);
    }

    /// <summary>Gets the text form, as <see cref="ToString()"/> gives it: what is left of an address where only properties are read.</summary>
    public string Text => ToString();

    /// <summary>Gets the parts, outermost first.</summary>
    public IReadOnlyList<MultiaddrComponent> Components { get; }

    /// <summary>Gets the last <c>/p2p/</c> part, or null where there is none.</summary>
    public PeerId? PeerId { get; }

    /// <summary>Reads the text form. <c>/ipfs/</c> is read as <c>/p2p/</c>, and one slash at the end is left out.</summary>
    /// <exception cref="MultiformatException"><c>InvalidMultiaddr</c>: the message says what is wrong and where.</exception>
    public static Multiaddr Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.AsSpan());
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static Multiaddr Parse(ReadOnlySpan<char> text)
    {
        string? error = ParseCore(text, out Multiaddr? address);
        return error is null
            ? address!
            : throw new MultiformatException(MultiformatException.InvalidMultiaddr, $"Not a multiaddr: {error}: '{Excerpt.Of(text)}'.");
    }

    /// <summary>Reads the text form; false where <see cref="Parse(string)"/> would throw.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Multiaddr? address) =>
        ParseCore(text, out address) is null;

    /// <inheritdoc cref="TryParse(string, out Multiaddr)"/>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Multiaddr? address) => ParseCore(text, out address) is null;

    // Explicit: a public overload with a provider would make every call of Parse(string) look as if it depended on a culture (CA1305).
    static Multiaddr IParsable<Multiaddr>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<Multiaddr>.TryParse(string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Multiaddr result) =>
        TryParse(s, out result);

    static Multiaddr ISpanParsable<Multiaddr>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static bool ISpanParsable<Multiaddr>.TryParse(
        ReadOnlySpan<char> s, IFormatProvider? provider, [MaybeNullWhen(false)] out Multiaddr result) => TryParse(s, out result);

    /// <summary>Reads the binary form.</summary>
    /// <exception cref="MultiformatException"><c>InvalidMultiaddr</c>: the message says what is wrong and where.</exception>
    public static Multiaddr FromBytes(ReadOnlySpan<byte> bytes)
    {
        string? error = ReadCore(bytes, out Multiaddr? address);
        return error is null
            ? address!
            : throw new MultiformatException(MultiformatException.InvalidMultiaddr, $"Not a multiaddr: {error}.");
    }

    /// <summary>Reads the binary form; false where <see cref="FromBytes"/> would throw, as on a protocol not known here.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Multiaddr? address) =>
        ReadCore(bytes, out address) is null;

    /// <summary>Returns the TCP multiaddr of an endpoint; an IPv4-mapped address becomes <c>ip4</c>, a scope <c>ip6zone</c>.</summary>
    public static Multiaddr FromEndPoint(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        IPAddress address = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        var bytes = new ArrayBufferWriter<byte>(32);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
        {
            Append(bytes, AddressProtocol.Ip6Zone, Encoding.UTF8.GetBytes(address.ScopeId.ToString(CultureInfo.InvariantCulture)));
        }

        Append(
            bytes,
            address.AddressFamily == AddressFamily.InterNetwork ? AddressProtocol.Ip4 : AddressProtocol.Ip6,
            address.GetAddressBytes());
        Append(bytes, AddressProtocol.Tcp, [(byte)(endPoint.Port >> 8), (byte)endPoint.Port]);
        return FromBytes(bytes.WrittenSpan);
    }

    /// <summary>
    /// Takes apart an address that is exactly a host, a TCP port and perhaps a peer id: <c>[/ip6zone/z]/host/tcp/port[/p2p/id]</c>.
    /// False for every other one, such as a websocket or relayed one.
    /// </summary>
    /// <param name="host">The IP address (with <c>%zone</c>) or the name.</param>
    /// <param name="port">The port, 0 to 65535.</param>
    /// <param name="kind">What the host is.</param>
    public bool TryGetTcp([NotNullWhen(true)] out string? host, out int port, out MultiaddrHostKind kind)
    {
        bool isTcp = TryGetTcp(out host, out port, out kind, out ReadOnlySpan<MultiaddrComponent> over) && over.IsEmpty;
        (host, port, kind) = isTcp ? (host, port, kind) : (null, 0, default);
        return isTcp;
    }

    /// <summary>Takes apart an address that begins with a host and a TCP port, as the public overload does.</summary>
    /// <param name="host">The host.</param>
    /// <param name="port">The port.</param>
    /// <param name="kind">What the host is.</param>
    /// <param name="over">What stands between the port and a peer id at the end, such as <c>/ws</c>; empty for plain TCP.</param>
    internal bool TryGetTcp([NotNullWhen(true)] out string? host, out int port, out MultiaddrHostKind kind, out ReadOnlySpan<MultiaddrComponent> over)
    {
        (host, port, kind) = (null, 0, default);
        over = default;
        ReadOnlySpan<MultiaddrComponent> rest = _components;
        string? zone = null;
        if (rest[0].Protocol == AddressProtocol.Ip6Zone.Name)
        {
            zone = rest[0].Value;
            rest = rest[1..];
        }

        if (rest.Length < 2
            || rest[1].Protocol != AddressProtocol.Tcp.Name
            || HostKindOf(rest[0].Protocol) is not { } hostKind
            || (zone is not null && hostKind != MultiaddrHostKind.Ip6))
        {
            return false;
        }

        kind = hostKind;
        host = zone is null ? rest[0].Value! : $"{rest[0].Value}%{zone}";
        port = int.Parse(rest[1].Value!, CultureInfo.InvariantCulture);
        over = rest[2..];
        over = !over.IsEmpty && over[^1].Protocol == AddressProtocol.P2p.Name ? over[..^1] : over;
        return true;
    }

    /// <summary>Returns this address with <c>/p2p/</c> and the peer id at its end, in place of the one that is there.</summary>
    public Multiaddr WithPeerId(PeerId peerId)
    {
        ArgumentNullException.ThrowIfNull(peerId);
        bool ends = _components[^1].Protocol == AddressProtocol.P2p.Name;
        var bytes = new ArrayBufferWriter<byte>(_bytes.Length + 64);
        bytes.Write(ends ? _bytes.AsSpan(0, LastStart()) : _bytes);
        Append(bytes, AddressProtocol.P2p, peerId.Bytes);
        return FromBytes(bytes.WrittenSpan);
    }

    /// <summary>Returns this address without the <c>/p2p/</c> part at its end; itself where there is none.</summary>
    /// <exception cref="MultiformatException"><c>InvalidMultiaddr</c>: nothing would be left.</exception>
    public Multiaddr WithoutPeerId() =>
        _components[^1].Protocol == AddressProtocol.P2p.Name ? FromBytes(_bytes.AsSpan(0, LastStart())) : this;

    /// <summary>Returns this address with another one behind it.</summary>
    /// <exception cref="MultiformatException"><c>InvalidMultiaddr</c>: longer than <see cref="MaxLength"/>, or behind a unix path.</exception>
    public Multiaddr Encapsulate(Multiaddr inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return FromBytes([.. _bytes, .. inner._bytes]);
    }

    /// <summary>Returns the binary form in an array of the caller's own.</summary>
    public byte[] ToByteArray() => [.. _bytes];

    internal ReadOnlySpan<byte> AsSpan() => _bytes;

    /// <summary>Returns the canonical text.</summary>
    public override string ToString() => _text;

    /// <summary>Returns whether both are the same bytes.</summary>
    public bool Equals([NotNullWhen(true)] Multiaddr? other) =>
        other is not null && _hashCode == other._hashCode && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as Multiaddr);

    /// <summary>Returns a hash code under a seed of this process: never to be stored.</summary>
    public override int GetHashCode() => _hashCode;

    /// <summary>Compares bytewise; null comes first.</summary>
    public int CompareTo(Multiaddr? other) => other is null ? 1 : _bytes.AsSpan().SequenceCompareTo(other._bytes);

    /// <inheritdoc/>
    int IComparable.CompareTo(object? obj) => obj switch
    {
        null => 1,
        Multiaddr other => CompareTo(other),
        _ => throw new ArgumentException("Only a multiaddr can be compared with a multiaddr.", nameof(obj)),
    };

    /// <summary>Returns whether both are null or the same bytes.</summary>
    public static bool operator ==(Multiaddr? left, Multiaddr? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Returns whether the bytes differ.</summary>
    public static bool operator !=(Multiaddr? left, Multiaddr? right) => !(left == right);

    private static MultiaddrHostKind? HostKindOf(string protocol) => protocol switch
    {
        "ip4" => MultiaddrHostKind.Ip4,
        "ip6" => MultiaddrHostKind.Ip6,
        "dns" => MultiaddrHostKind.Dns,
        "dns4" => MultiaddrHostKind.Dns4,
        "dns6" => MultiaddrHostKind.Dns6,
        "dnsaddr" => MultiaddrHostKind.DnsAddr,
        _ => null,
    };

    private static string? ParseCore(ReadOnlySpan<char> text, out Multiaddr? address)
    {
        address = null;
        if (text.Length > MaxTextLength)
        {
            return $"the text has {text.Length} characters, over the bound of {MaxTextLength}";
        }

        if (text.IsEmpty || text[0] != '/')
        {
            return text.IsEmpty ? "the text is empty" : "it does not begin with a slash";
        }

        var bytes = new ArrayBufferWriter<byte>(64);
        int at = 1;
        while (at < text.Length)
        {
            int nameAt = at;
            ReadOnlySpan<char> name = Next(text, ref at);
            AddressProtocol? protocol = AddressProtocol.Find(name);
            if (protocol is null)
            {
                return $"'{Excerpt.Of(name)}' at position {nameAt} is no protocol known here";
            }

            if (!protocol.HasValue)
            {
                Append(bytes, protocol, []);
                continue;
            }

            if (at >= text.Length)
            {
                return $"{protocol.Name} at position {nameAt} has no value";
            }

            int valueAt = at;
            ReadOnlySpan<char> value;
            if (protocol.IsPath)
            {
                value = text[(at - 1)..];
                at = text.Length;
            }
            else
            {
                value = Next(text, ref at);
            }

            string? error = protocol.Parse(value, out byte[] parsed);
            if (error is not null)
            {
                return $"the value of {protocol.Name} at position {valueAt} {error}";
            }

            Append(bytes, protocol, parsed);
        }

        return bytes.WrittenCount == 0 ? "it has no parts" : ReadCore(bytes.WrittenSpan, out address);
    }

    /// <summary>Returns the text up to the next slash, which is stepped over.</summary>
    private static ReadOnlySpan<char> Next(ReadOnlySpan<char> text, scoped ref int at)
    {
        ReadOnlySpan<char> rest = text[at..];
        int slash = rest.IndexOf('/');
        at = slash < 0 ? text.Length : at + slash + 1;
        return slash < 0 ? rest : rest[..slash];
    }

    private static string? ReadCore(ReadOnlySpan<byte> bytes, out Multiaddr? address)
    {
        address = null;
        if (bytes.IsEmpty || bytes.Length > MaxLength)
        {
            return bytes.IsEmpty ? "it is empty" : $"it has {bytes.Length} bytes, over the bound of {MaxLength}";
        }

        var components = new List<MultiaddrComponent>(4);
        bool ended = false;
        for (int at = 0; at < bytes.Length;)
        {
            string? error = ReadComponent(bytes, ref at, out AddressProtocol? protocol, out ReadOnlySpan<byte> value);
            if (error is not null)
            {
                return error;
            }

            string? text = null;
            error = protocol!.HasValue ? protocol.Format(value, out text) : null;
            if (error is not null || ended)
            {
                return error is null ? "a part follows a path, which ends an address" : $"the value of {protocol.Name} before byte {at} {error}";
            }

            ended = protocol.IsPath;
            components.Add(new MultiaddrComponent(protocol.Name, text));
        }

        address = new Multiaddr(bytes.ToArray(), [.. components]);
        return null;
    }

    private static string? ReadComponent(ReadOnlySpan<byte> bytes, ref int at, out AddressProtocol? protocol, out ReadOnlySpan<byte> value)
    {
        value = default;
        protocol = null;
        OperationStatus status = Varint.TryRead(bytes[at..], out ulong code, out int consumed);
        if (status != OperationStatus.Done)
        {
            return Multihash.VarintError("protocol code", status, at);
        }

        protocol = AddressProtocol.Find(code);
        if (protocol is null)
        {
            return string.Create(CultureInfo.InvariantCulture, $"0x{code:x} at byte {at} is no protocol known here");
        }

        at += consumed;
        var size = (ulong)protocol.Size;
        if (protocol.HasVariableSize)
        {
            status = Varint.TryRead(bytes[at..], out size, out consumed);
            if (status != OperationStatus.Done)
            {
                return Multihash.VarintError($"length of {protocol.Name}", status, at);
            }

            at += consumed;
        }

        if (size > (ulong)(bytes.Length - at))
        {
            return $"the value of {protocol.Name} at byte {at} has {size} bytes, of which {bytes.Length - at} are there";
        }

        value = bytes.Slice(at, (int)size);
        at += (int)size;
        return null;
    }

    private static void Append(ArrayBufferWriter<byte> bytes, AddressProtocol protocol, ReadOnlySpan<byte> value)
    {
        bytes.Advance(Varint.Write(bytes.GetSpan(Varint.MaxLength), protocol.Code));
        if (protocol.HasVariableSize)
        {
            bytes.Advance(Varint.Write(bytes.GetSpan(Varint.MaxLength), (ulong)value.Length));
        }

        bytes.Write(value);
    }

    /// <summary>Returns where the last part begins in the bytes.</summary>
    private int LastStart()
    {
        int start = 0;
        for (int at = 0; at < _bytes.Length;)
        {
            start = at;
            ReadComponent(_bytes, ref at, out _, out _);
        }

        return start;
    }
}
