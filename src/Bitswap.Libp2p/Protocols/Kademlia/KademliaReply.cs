namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>How asking one peer ended.</summary>
/// <param name="Peer">Who was asked; its addresses, if it answered, begin with the one at which it was found.</param>
/// <param name="Answer">What it answered, or null.</param>
/// <param name="Error">Why it did not, or null.</param>
internal sealed record KademliaReply(KademliaPeer Peer, KademliaAnswer? Answer, Exception? Error);
