using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using System.Reflection;

namespace Bitswap.Feedback;

/// <summary>
/// PowerShell's <c>IFeedbackProvider</c>: the console asks it after a command that failed, and shows what it suggests. PowerShell Standard, which this assembly is compiled
/// against, does not have the interface, so it is implemented at run time.
/// </summary>
[SuppressMessage("Performance", "CA1852:Seal internal types", Justification = "DispatchProxy derives the class that implements the interface from it.")]
internal class FeedbackProvider : DispatchProxy
{
    private const string Space = "System.Management.Automation.Subsystem.";
    private static readonly Guid _id = new("6b1c9b9e-3a5b-4f0e-9a53-0f6f2f7f4d21");
    private static readonly Assembly _engine = typeof(PSObject).Assembly;
    private static bool _isRegistered;

    /// <summary>Has the console ask from now on. Does nothing in a PowerShell that has no feedback providers.</summary>
    public static void Register()
    {
        if (!_isRegistered && Manager("RegisterSubsystem", Find("ISubsystem")) is var (register, kind) && Find("Feedback.IFeedbackProvider") is { } contract)
        {
            register.Invoke(null, [kind, Create(contract, typeof(FeedbackProvider))]);
            _isRegistered = true;
        }
    }

    /// <summary>Ends that.</summary>
    public static void Unregister()
    {
        if (_isRegistered && Manager("UnregisterSubsystem", typeof(Guid)) is var (unregister, kind))
        {
            unregister.Invoke(null, [kind, _id]);
            _isRegistered = false;
        }
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        "get_Id" => _id,
        "get_Name" => "Bitswap",
        "get_Description" => "Suggests commands for a pasted CID, link or address, and after a fetch that fails.",
        "get_FunctionsToDefine" => null,
        "get_Trigger" => Enum.Parse(targetMethod.ReturnType, "CommandNotFound, Error"),
        "GetFeedback" => Feedback(targetMethod.ReturnType, args![0]!),
        string other => throw new NotSupportedException($"A feedback provider has no {other} here."),
        null => throw new ArgumentNullException(nameof(targetMethod)),
    };

    private static object? Feedback(Type item, object context)
    {
        if (Get(context, "LastError") is not ErrorRecord error)
        {
            return null;
        }

        Advice? advice = Get(context, "Trigger")?.ToString() == "CommandNotFound"
            ? error.TargetObject is string text ? Advice.AfterUnknownCommand(text) : null
            : Advice.AfterError(error, Get(context, "CommandLine") as string ?? "");
        return advice is null ? null : Activator.CreateInstance(item, advice.Header, advice.Actions.ToList(), advice.Footer, Enum.Parse(Find("Feedback.FeedbackDisplayLayout")!, "Portrait"));
    }

    private static object? Get(object of, string property) => of.GetType().GetProperty(property)?.GetValue(of);

    private static Type? Find(string name) => _engine.GetType(Space + name);

    private static (MethodInfo Method, object Kind)? Manager(string method, Type? argument) =>
        Find("SubsystemKind") is { } kinds && argument is not null && Find("SubsystemManager")?.GetMethod(method, [kinds, argument]) is { } found
            ? (found, Enum.Parse(kinds, "FeedbackProvider"))
            : null;
}
