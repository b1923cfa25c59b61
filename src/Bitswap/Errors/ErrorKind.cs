using System.Management.Automation;

namespace Bitswap.Errors;

/// <summary>One error that this module reports.</summary>
/// <param name="Id">The stable id, the same in every version.</param>
/// <param name="Category">PowerShell's category for it.</param>
/// <param name="When">When it is reported, for the catalogue.</param>
internal sealed record ErrorKind(string Id, ErrorCategory Category, string When)
{
    /// <summary>What to do about it, where the error itself does not know better.</summary>
    public string Remedy => ErrorCatalog.RemedyOf(Id);
}
