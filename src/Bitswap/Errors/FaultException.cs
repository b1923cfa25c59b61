namespace Bitswap.Errors;

/// <summary>Ends a pipeline with a fault: the set-up is bad, so no item can go well.</summary>
internal sealed class FaultException(Fault fault) : Exception(fault.Message, fault.Cause)
{
    /// <summary>The fault.</summary>
    public Fault Fault { get; } = fault;
}
