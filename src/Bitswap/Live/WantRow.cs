namespace Bitswap.Live;

/// <summary>A want, as a line of the screen.</summary>
internal sealed record WantRow(string Cid, string Type, string State, TimeSpan Age, int Asked, int Refused);
