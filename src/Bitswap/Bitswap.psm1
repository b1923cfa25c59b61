using namespace System.IO
using namespace System.Reflection

# Bitswap.dll alone goes into the default load context: PowerShell finds cmdlets and [types] there. What it needs comes from deps/,
# through a private context, so that a session which holds another Google.Protobuf is left in peace.
$assembly = [Assembly]::LoadFrom([Path]::Combine($PSScriptRoot, 'Bitswap.dll'))
$owner = [runspace]::DefaultRunspace.InstanceId
$assembly.GetType('Bitswap.ModuleLoader')::Register($owner)

# by its path, not by -Assembly: a module that is imported again that way has no cmdlets (PowerShell issue 20710)
Microsoft.PowerShell.Core\Import-Module ([Path]::Combine($PSScriptRoot, 'Bitswap.dll'))
# what helps at a prompt alone waits for one that is idle, once: a script that imports the module does not pay for it
$null = $ExecutionContext.Events.SubscribeEvent($null, $null, 'PowerShell.OnIdle', $null, {
        [Bitswap.ModuleLoader]::OfferFeedback()
        Microsoft.PowerShell.Utility\Update-TypeData -TypeData ([Bitswap.ModuleLoader]::OptionNotes()) -Force
    }, $true, $false, 1)

$ExecutionContext.SessionState.Module.OnRemove = {
    $stopped = $assembly.GetType('Bitswap.ModuleLoader')::Unregister($owner)
    if ($stopped) {
        Microsoft.PowerShell.Utility\Write-Warning "The module was removed, or imported again, while nodes ran. They are stopped: $($stopped -join ', ')."
    }
}.GetNewClosure()
