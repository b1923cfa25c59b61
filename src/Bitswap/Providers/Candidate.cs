using Bitswap.Node.Probing;
using Bitswap.Node.Routing;

namespace Bitswap.Providers;

/// <summary>A provider that is given to the user, and what was said of it so far.</summary>
/// <param name="named">The provider.</param>
/// <param name="isConnected">Whether it was connected when it was found.</param>
internal sealed class Candidate(NamedProvider named, bool isConnected)
{
    /// <summary>The provider.</summary>
    public NamedProvider Named => named;

    /// <summary>The peer.</summary>
    public PeerId Peer => named.Peer;

    /// <summary>All of it, as the user sees it.</summary>
    public BitswapProvider ToOutput(Cid cid, BitswapNode node, HaveAnswer? said)
    {
        string? answer = said is { } given ? Answer(given) : null;
        return new BitswapProvider
        {
            Cid = cid.ToString(),
            PeerId = Peer.ToString(),
            Addresses = [.. named.Addresses.Select(address => address.ToString())],
            Source = [.. named.Sources],
            Connected = isConnected,
            Protocols = [.. named.Protocols],
            Answer = answer,
            Serving = answer switch
            {
                HaveQuestion.Have => true,
                nameof(PeerAnswerKind.DontHave) or ProviderProbe.Unreachable => false,
                _ => null,
            },
            Latency = said?.Latency,
            Reason = said is { } asked ? asked.Reason : isConnected ? null : named.Obstacle?.Reason,
            Node = node.Name,
        };
    }

    /// <summary>In two words what became of it, by which such providers are counted.</summary>
    public string Outcome(BitswapProvider given) => given switch
    {
        { Connected: false, Serving: not true } when named.Obstacle is { } obstacle => obstacle.Name,
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
        nameof(PeerAnswerKind.HungUp) or NodeErrorIds.BlockUnavailable or NodeErrorIds.Timeout => ProviderProbe.Unreachable,
        _ => said.Answer,
    };
}
