<#
.SYNOPSIS
    Registers a scheduled task of Windows that serves a repository and starts with the machine.
.DESCRIPTION
    The task runs as the user of this session, even when the user is not logged on. To stop the node in order, create the file 'stop' in the repository.
    Stop-ScheduledTask ends the process at once. The repository stays valid.
.EXAMPLE
    ./Register-BitswapTask.ps1 -Repository D:\bitswap -ListenAddress /ip4/0.0.0.0/tcp/4001
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)]
    [string] $Repository,

    [string] $ListenAddress = '/ip4/127.0.0.1/tcp/4001',

    [string] $TaskName = 'Bitswap'
)

$ErrorActionPreference = 'Stop'
if (-not $IsWindows) {
    throw 'Scheduled tasks need Windows. For Linux, see bitswap.service in the folder of this script.'
}

$pwsh = & (Join-Path $PSScriptRoot '../Get-PowerShellHost.ps1')
$serve = Join-Path $PSScriptRoot 'Serve.ps1'
$stopFile = Join-Path $Repository 'stop'
$words = @($pwsh.ArgumentList) + @('-NoProfile', '-NonInteractive', '-File', $serve, '-Repository', $Repository, '-ListenAddress', $ListenAddress, '-StopFile', $stopFile)
$line = ($words | ForEach-Object { '"{0}"' -f $_ }) -join ' '
if ($PSCmdlet.ShouldProcess($TaskName, 'Register scheduled task')) {
    Register-ScheduledTask -TaskName $TaskName -Action (New-ScheduledTaskAction -Execute $pwsh.FilePath -Argument $line) -Trigger (New-ScheduledTaskTrigger -AtStartup) `
        -Principal (New-ScheduledTaskPrincipal -UserId ([Environment]::UserName) -LogonType S4U) `
        -Settings (New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([timespan]::Zero) -RestartCount 3 -RestartInterval ([timespan]::FromMinutes(1)))
}
