BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $folder = New-TemporaryFolder
}

AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'A tree with an empty file, whose block is stored nowhere' {
    BeforeAll {
        $node = Start-BitswapNode
        $tree = New-Item -ItemType Directory (Join-Path $folder 'tree')
        Set-Content (Join-Path $tree 'full.txt') 'full'
        $null = New-Item (Join-Path $tree 'empty.txt')
        $root = (Add-BitswapFile $tree -Recurse -Node $node).Cid
        $nothing = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
        Remove-BitswapBlock $nothing -Node $node
        $car = Join-Path $folder 'tree.car'
    }

    It 'is whole' {
        Get-BitswapBlock -Local -Node $node | Where-Object Cid -EQ $nothing | Should -BeNullOrEmpty
        Test-BitswapDag $root -Node $node | Should -BeNullOrEmpty
        (Show-BitswapDag $root -Node $node).State | Should -Be 'Stored', 'Stored', 'Stored'
    }

    It 'is pinned and collected around' {
        (Add-BitswapPin $root -Local -Node $node).Cid | Should -Be $root
        Clear-BitswapStore -Node $node -Confirm:$false
        Test-BitswapDag $root -Quiet -Node $node | Should -BeTrue
    }

    It 'is listed, read and saved' {
        (Get-BitswapFile $root -Local -Node $node).Size | Should -Be 0, 5
        Get-BitswapContent "$root/empty.txt" -AsString -Local -Node $node | Should -BeExactly ''
        Save-BitswapFile $root $folder -Name saved -Local -Node $node
        (Get-Item (Join-Path $folder 'saved/empty.txt')).Length | Should -Be 0
        Get-Content (Join-Path $folder 'saved/full.txt') | Should -Be 'full'
    }

    It 'goes through a CAR' {
        (Export-BitswapCar $root $car -Local -Node $node).Blocks | Should -Be 3
        $other = Start-BitswapNode
        (Import-BitswapCar $car -Pin -Node $other).Blocks | Should -Be 3
        Test-BitswapDag $root -Quiet -Node $other | Should -BeTrue
    }
}
