using System.Runtime.CompilerServices;

namespace Bitswap.Node.Abstractions;

/// <summary>
/// How a node fetches blocks over HTTP from trustless gateways. Each value is refused at construction when out of range. By default it asks none: no gateway is named, and
/// providers that are found with an HTTP address are not asked.
/// </summary>
public sealed record HttpRetrievalOptions
{
    private static readonly TimeSpan _minTime = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _maxTime = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Gets whether providers with an HTTP address that a router or the DHT names are asked there; false by default. They learn the address of this node and the CIDs
    /// that it looks for.
    /// </summary>
    public bool HttpRetrieval { get; init; }

    /// <summary>
    /// Gateways to ask for every block, as <c>https://host</c>; 0 to 16, none by default. Each is a peer of the node: asked with the others, and dialled again when it is lost.
    /// </summary>
    public IReadOnlyList<Uri> Gateways { get; init => field = Checked(value); } = [];

    /// <summary>Requests that one host is sent at once; 1 to 64, 8 by default.</summary>
    public int RequestsPerGateway { get; init => field = InRange(value, 1, 64); } = 8;

    /// <summary>Gets how long a gateway may say nothing, before its answer begins and within it; 10 ms to 10 min, 10 s by default.</summary>
    public TimeSpan GatewayTimeout { get; init => field = InRange(value, _minTime, _maxTime); } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how often a gateway may send one request elsewhere; 0 to 10, 3 by default. Never from https to http.</summary>
    public int MaxGatewayRedirects { get; init => field = InRange(value, 0, 10); } = 3;

    /// <summary>Requests in a row that may fail before the node lets a gateway go; 1 to 100, 5 by default. Those that fail together count as one.</summary>
    public int MaxGatewayFailures { get; init => field = InRange(value, 1, 100); } = 5;

    /// <summary>Gets how long a gateway that is busy or fails is left alone at the most, whatever it asks for; 10 ms to 10 min, 1 min by default.</summary>
    public TimeSpan MaxGatewayPause { get; init => field = InRange(value, _minTime, _maxTime); } = TimeSpan.FromMinutes(1);

    /// <summary>Gateways that are peers of the node at once; 1 to 1024, 64 by default. Those that were found and are of least use give way.</summary>
    public int MaxGateways { get; init => field = InRange(value, 1, 1024); } = 64;

    /// <summary>
    /// Bytes of one CAR that may be in memory, read from a gateway and not stored yet: 1 MiB to 1 GiB, 32 MiB by default, or 0, so that none is asked for and every block comes by a request of
    /// its own. Four CARs at the most come at once.
    /// </summary>
    public int MaxCarBytes { get; init => field = value == 0 ? 0 : InRange(value, 1 << 20, 1 << 30); } = 32 << 20;

    /// <summary>Gets whether anything may be asked over HTTP.</summary>
    internal bool IsOn => HttpRetrieval || Gateways.Count > 0;

    private static Uri[] Checked(IReadOnlyList<Uri> gateways, [CallerMemberName] string name = "")
    {
        ArgumentNullException.ThrowIfNull(gateways, name);
        if (gateways.Count > 16)
        {
            throw new ArgumentOutOfRangeException(name, gateways.Count, $"{name} must be 0 to 16.");
        }

        return gateways.Select(GatewayUri.Problem).OfType<string>().FirstOrDefault() is { } problem ? throw new ArgumentException(problem, name) : [.. gateways];
    }

    private static T InRange<T>(T value, T min, T max, [CallerMemberName] string name = "")
        where T : IComparable<T> =>
        value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be {min} to {max}.");
}
