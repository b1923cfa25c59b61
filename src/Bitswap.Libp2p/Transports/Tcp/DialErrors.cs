using System.Text;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>Makes one error of the failures of each address.</summary>
internal static class DialErrors
{
    // the errors of addresses where a peer answered, that which tells most first
    private static readonly string[] _answered =
    [
        Libp2pErrorIds.PeerIdMismatch,
        Libp2pErrorIds.NoCommonSecurity,
        Libp2pErrorIds.NoCommonMuxer,
        Libp2pErrorIds.PrivateNetwork,
        Libp2pErrorIds.HandshakeFailed,
        Libp2pErrorIds.NegotiationFailed,
        Libp2pErrorIds.ProtocolViolation,
        Libp2pErrorIds.HandshakeTimeout,
        Libp2pErrorIds.ConnectionClosed,

        // a relay answered, and not the peer
        Libp2pErrorIds.RelayPermissionDenied,
        Libp2pErrorIds.RelayResourceLimit,
        Libp2pErrorIds.RelayConnectionFailed,
        Libp2pErrorIds.RelayNoReservation,
    ];

    /// <summary>
    /// Returns an error with a line an address. Where a peer answered at one, it is of that kind, since "wrong peer id" or "no Noise" tells the caller more than
    /// "unreachable"; where every address failed in one and the same other way, of that kind; else PeerUnreachable.
    /// </summary>
    public static Libp2pException Combine(PeerId? peer, IReadOnlyList<DialFailure> failures)
    {
        DialFailure[] ordered = [.. failures.OrderBy(failure => Rank(IdOf(failure)))];
        string who = peer?.ToString() ?? "The peer";
        string[] transports = [.. failures.Select(failure => failure.Transport).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        StringBuilder message = new(failures.Count > 0 && failures.All(failure => failure.Transport is not null)
            ? $"{who} has only {Join(transports)} addresses, and {AddressTransports.Dialled} are dialled here:"
            : $"No address of {peer?.ToString() ?? "the peer"} could be connected to:");
        foreach (DialFailure failure in ordered)
        {
            message.Append('\n').Append("  ").Append(failure.Address).Append(": ").Append(failure.Error.Message);
        }
        string[] ids = [.. ordered.Select(IdOf).Distinct()];
        Exception? cause = ordered.Length switch
        {
            0 => null,
            1 => ordered[0].Error,
            _ => new AggregateException(ordered.Select(f => f.Error)),
        };
        bool tells = ids.Length == 1 || (ids.Length > 1 && Rank(ids[0]) < _answered.Length);
        return new Libp2pException(tells ? ids[0] : Libp2pErrorIds.PeerUnreachable, message.ToString(), cause);
    }

    private static string IdOf(DialFailure failure) => (failure.Error as Libp2pException)?.ErrorId ?? Libp2pErrorIds.PeerUnreachable;

    private static int Rank(string id) => Array.IndexOf(_answered, id) is >= 0 and int rank ? rank : _answered.Length;

    private static string Join(IReadOnlyList<string> names) => names.Count == 1 ? names[0] : $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}";
}

/// <summary>Represents why one way to a peer did not work.</summary>
/// <param name="Address">The address.</param>
/// <param name="Error">Why.</param>
/// <param name="Transport">What the address is dialled by, where that is not spoken here; else null.</param>
internal readonly record struct DialFailure(string Address, Exception Error, string? Transport = null);
