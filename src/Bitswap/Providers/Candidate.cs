using Bitswap.Node.Routing;
using Bitswap.Protocol;

namespace Bitswap.Providers;

/// <summary>A provider, and what was said of it so far. Not thread-safe.</summary>
internal sealed class Candidate
{
    // as many as one dial tries
    private const int MaxAddresses = 256;

    private readonly List<Multiaddr> _addresses = [];
    private readonly List<ProviderSourceKind> _sources = [];
    private readonly List<string> _protocols = [];
    private readonly bool _isConnected;

    public Candidate(FoundProvider found, bool isConnected)
    {
        Peer = found.Peer;
        _isConnected = isConnected;
        Merge(found);
    }

    /// <summary>The peer.</summary>
    public PeerId Peer { get; }

    /// <summary>Where it is said to be, by those who have said so.</summary>
    public IReadOnlyList<Multiaddr> Addresses => [.. _addresses];

    /// <summary>How it is said to give blocks, by those who have said so.</summary>
    public IReadOnlyList<string> Protocols => [.. _protocols];

    /// <summary>Takes what another source, or the same again, says.</summary>
    public void Merge(FoundProvider found)
    {
        Add(found.Addresses);
        _protocols.AddRange(found.Protocols.Except(_protocols, StringComparer.Ordinal));
        if (!_sources.Contains(found.Source))
        {
            _sources.Add(found.Source);
        }
    }

    /// <summary>Takes more addresses.</summary>
    public void Add(IReadOnlyList<Multiaddr> addresses) => _addresses.AddRange(addresses.Except(_addresses).Take(MaxAddresses - _addresses.Count));

    /// <summary>All of it, as the user sees it.</summary>
    public BitswapProvider ToOutput(Cid cid, BitswapNode node, HaveAnswer? said)
    {
        string? answer = said is { } given ? Answer(given) : null;
        return new BitswapProvider
        {
            Cid = cid.ToString(),
            PeerId = Peer.ToString(),
            Addresses = [.. _addresses.Select(address => address.ToString())],
            Source = [.. _sources],
            Connected = _isConnected,
            Protocols = [.. _protocols],
            Answer = answer,
            Serving = answer switch
            {
                HaveQuestion.Have => true,
                nameof(PeerAnswerKind.DontHave) or ProviderProbe.Unreachable => false,
                _ => null,
            },
            Latency = said?.Latency,
            Reason = said is { } asked ? asked.Reason : _isConnected ? null : (ProviderObstacle.OfProtocols(_protocols) ?? ProviderObstacle.OfAddresses(_addresses))?.Reason,
            Node = node.Name,
        };
    }

    /// <summary>In two words what became of it, by which such providers are counted.</summary>
    public string Outcome(BitswapProvider given) => given switch
    {
        { Connected: false, Serving: not true } when (ProviderObstacle.OfProtocols(_protocols) ?? ProviderObstacle.OfAddresses(_addresses)) is { } obstacle => obstacle.Name,
        { Serving: true } => "serving",
        { Answer: nameof(PeerAnswerKind.DontHave) } => "without the block",
        { Answer: nameof(PeerAnswerKind.Silent) } => "silent",
        { Answer: ProviderProbe.Unreachable } => SearchReport.Unreachable,
        { Answer: ProviderProbe.CannotAsk } => SearchReport.NoBitswap,
        { Connected: true } => SearchReport.Connected,
        _ => "not asked",
    };

    private static string Answer(HaveAnswer said) => said.Answer switch
    {
        nameof(PeerAnswerKind.HungUp) or "BlockUnavailable" or "Timeout" => ProviderProbe.Unreachable,
        _ => said.Answer,
    };
}
