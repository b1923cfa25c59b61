BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $script = Join-Path $ModuleRoot 'docs/examples/Get-PowerShellHost.ps1'
    $folder = New-TemporaryFolder
}

AfterAll { Remove-Item -LiteralPath $folder -Recurse -Force }

Describe 'The command that starts PowerShell again' {
    It 'starts one of the same version' {
        $pwsh = & $script
        & $pwsh.FilePath @($pwsh.ArgumentList) -NoProfile -NonInteractive -Command '"$($PSVersionTable.PSVersion) in $PSHOME"' | Should -Be "$($PSVersionTable.PSVersion) in $PSHOME"
    }

    It 'is the program itself where PowerShell is installed' -ForEach @(
        @{ Program = '/opt/my tools/pwsh' }
        @{ Program = '/usr/bin/pwsh' }
        @{ Program = 'C:/Program Files/PowerShell/7/pwsh.exe' }
    ) {
        $pwsh = & $script -ProcessPath $Program
        $pwsh.FilePath | Should -Be $Program
        $pwsh.ArgumentList.Count | Should -Be 0
    }

    It 'is dotnet with a library where PowerShell is a .NET tool' -ForEach '/usr/share/dotnet/dotnet', 'C:/Program Files/dotnet/dotnet.exe' {
        # the tool's folder holds a pwsh too, which need not be executable
        $null = New-Item -Force (Join-Path $folder 'pwsh')
        $pwsh = & $script -ProcessPath $_ -PowerShellHome $folder
        $pwsh.FilePath | Should -Be $_
        $pwsh.ArgumentList | Should -Be @(Join-Path $folder 'pwsh.dll')
    }

    It 'is the installed program where another program hosts PowerShell, and an error without one' {
        $program = Join-Path $folder ($IsWindows ? 'pwsh.exe' : 'pwsh')
        $null = New-Item -Force $program
        (& $script -ProcessPath '/opt/editor/editor' -PowerShellHome $folder).FilePath | Should -Be $program
        { & $script -ProcessPath '/opt/editor/editor' -PowerShellHome (Join-Path $folder 'none') } | Should -Throw '*Run this in pwsh.'
    }
}
