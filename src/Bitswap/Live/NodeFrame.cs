namespace Bitswap.Live;

/// <summary>What is to be seen of a node at one time.</summary>
internal sealed record NodeFrame
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The peer id.</summary>
    public required string PeerId { get; init; }

    /// <summary>Where it listens; null when it does not.</summary>
    public string? Address { get; init; }

    /// <summary>The figures.</summary>
    public required BitswapNodeSample Sample { get; init; }

    /// <summary>The last rates of receiving, in bytes a second, oldest first.</summary>
    public IReadOnlyList<double> ReceivedRates { get; init; } = [];

    /// <summary>The last rates of sending, in bytes a second, oldest first.</summary>
    public IReadOnlyList<double> SentRates { get; init; } = [];

    /// <summary>Its peers, the busiest first.</summary>
    public IReadOnlyList<PeerRow> Peers { get; init; } = [];

    /// <summary>What its peers fetch of it, the last first.</summary>
    public IReadOnlyList<ServedRow> Served { get; init; } = [];

    /// <summary>Its wants, the oldest first; fewer than there are when there are very many.</summary>
    public IReadOnlyList<WantRow> Wants { get; init; } = [];
}

/// <summary>A connected peer, as a line of the screen.</summary>
internal sealed record PeerRow(
    string Peer, bool IsInbound, string Agent, TimeSpan? Latency, double ReceivedPerSecond, double SentPerSecond, long Received, long Sent);

/// <summary>A graph that a peer fetches, as a line of the screen.</summary>
internal sealed record ServedRow(string Peer, string Content, long Sent, long? Total, TimeSpan Since);

/// <summary>A want, as a line of the screen.</summary>
internal sealed record WantRow(string Cid, string Type, string State, TimeSpan Age, int Asked, int Refused);
