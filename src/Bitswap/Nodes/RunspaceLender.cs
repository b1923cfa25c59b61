using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;

namespace Bitswap.Nodes;

/// <summary>
/// Lends runspaces to threads that call a PowerShell class: its methods fail on a thread without one, and a pool thread has none. As many
/// are made as calls run at once, which the store bounds.
/// </summary>
internal sealed class RunspaceLender : IDisposable
{
    private readonly ConcurrentBag<Runspace> _idle = [];
    private volatile bool _disposed;

    /// <summary>Gives the current thread a runspace until the result is disposed, on the same thread.</summary>
    public IDisposable Enter()
    {
        if (!_idle.TryTake(out Runspace? runspace))
        {
            runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
            runspace.Open();
        }

        Loan loan = new(this, runspace, Runspace.DefaultRunspace);
        Runspace.DefaultRunspace = runspace;
        return loan;
    }

    /// <summary>Closes the runspaces; one that is lent closes when it comes back.</summary>
    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out Runspace? runspace))
        {
            runspace.Dispose();
        }
    }

    private void Return(Runspace runspace)
    {
        _idle.Add(runspace);
        if (_disposed)
        {
            Dispose();
        }
    }

    private sealed class Loan(RunspaceLender pool, Runspace runspace, Runspace? before) : IDisposable
    {
        public void Dispose()
        {
            Runspace.DefaultRunspace = before;
            pool.Return(runspace);
        }
    }
}
