using System.Management.Automation.Runspaces;

namespace Bitswap.Nodes;

/// <summary>Stops a runspace's nodes when it closes: no code is left that could.</summary>
internal static class RunspaceWatch
{
    private static readonly Lock _gate = new();
    private static readonly HashSet<Guid> _watched = [];

    /// <summary>Watches a runspace, once.</summary>
    public static void Watch(Runspace runspace)
    {
        lock (_gate)
        {
            if (!_watched.Add(runspace.InstanceId))
            {
                return;
            }
        }

        runspace.StateChanged += OnStateChanged;
    }

    private static void OnStateChanged(object? sender, RunspaceStateEventArgs change)
    {
        if (sender is not Runspace runspace || change.RunspaceStateInfo.State is not (RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken))
        {
            return;
        }

        lock (_gate)
        {
            if (!_watched.Remove(runspace.InstanceId))
            {
                return;
            }
        }

        runspace.StateChanged -= OnStateChanged;
        NodeRegistry.StopOwnedBy(runspace.InstanceId);
    }
}
