using System.Management.Automation;

namespace Bitswap.Errors;

/// <summary>An error as a cmdlet reports it. Its id and category come from <see cref="ErrorCatalog"/>.</summary>
/// <param name="ErrorId">The stable id.</param>
/// <param name="Message">What happened.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Target">What it happened to.</param>
/// <param name="Cause">The exception behind it, or null.</param>
internal sealed record Fault(string ErrorId, string Message, string Remedy, object? Target, Exception? Cause = null)
{
    /// <summary>The category that belongs to the id.</summary>
    public ErrorCategory Category => ErrorCatalog.Find(ErrorId).Category;

    /// <summary>The error in PowerShell's own form.</summary>
    public ErrorRecord ToErrorRecord() =>
        new(Cause ?? new BitswapException(ErrorId, Message, Remedy, Target), ErrorId, Category, Target is Cid or PeerId or Multiaddr ? Target.ToString() : Target)
        {
            ErrorDetails = new ErrorDetails(Message) { RecommendedAction = Remedy },
        };
}

/// <summary>Ends a pipeline with a fault: the set-up is bad, so no item can go well.</summary>
internal sealed class FaultException(Fault fault) : Exception(fault.Message, fault.Cause)
{
    /// <summary>The fault.</summary>
    public Fault Fault { get; } = fault;
}

/// <summary>One error that this module reports.</summary>
/// <param name="Id">The stable id, the same in every version.</param>
/// <param name="Category">PowerShell's category for it.</param>
/// <param name="When">When it is reported, for the catalogue.</param>
internal sealed record ErrorKind(string Id, ErrorCategory Category, string When)
{
    /// <summary>What to do about it, where the error itself does not know better.</summary>
    public string Remedy => ErrorCatalog.RemedyOf(Id);
}
