using System.Globalization;

namespace Bitswap.Node.Routing;

/// <summary>What one source gave in one search, and what of it was left out. Written by the source alone.</summary>
internal sealed class ProviderTally
{
    /// <summary>Records that were read, or peers that were asked.</summary>
    public int Records { get; set; }

    /// <summary>Providers that came of them.</summary>
    public int Providers { get; set; }

    /// <summary>Records that cannot be read, and lines over the limit.</summary>
    public int Malformed { get; set; }

    /// <summary>Records of a kind that is not known here.</summary>
    public int Unknown { get; set; }

    /// <summary>Addresses that cannot be read, are another peer's, or are over the limit.</summary>
    public int Addresses { get; set; }

    /// <summary>Addresses that the source may not give by the rule of reach.</summary>
    public int Refused { get; set; }

    /// <summary>Whether there was more than the limit of records.</summary>
    public bool IsCut { get; set; }

    /// <inheritdoc/>
    public override string ToString()
    {
        List<string> left = [];
        Add(Malformed, "malformed");
        Add(Unknown, "of a kind not known");
        Add(Addresses, "addresses left out");
        Add(Refused, "addresses not allowed");
        string more = IsCut ? "; there were more" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Providers} providers of {Records} asked or read{(left.Count > 0 ? $" ({string.Join(", ", left)})" : "")}{more}");

        void Add(int count, string what)
        {
            if (count > 0)
            {
                left.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {what}"));
            }
        }
    }
}
