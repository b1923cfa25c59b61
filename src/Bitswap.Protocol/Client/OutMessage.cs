namespace Bitswap.Protocol.Client;

/// <summary>A wantlist message that was handed out and not yet reported sent.</summary>
internal sealed record OutMessage(long Id, List<PeerWant> Told, TimeSpan HandedOut);
